import { request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { RouteScheme } from '../cluster/records.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { assumedHealth, nextHealth, probeDelayMs, unknownHealth } from './health.ts'
import { hostPort } from './pool.ts'

export interface Target {
  readonly key: string
  readonly scheme: RouteScheme
  readonly address: string
  readonly port: number
}

/** Resolves when the target answered; rejects with why it did not. */
export type Probe = (target: Target, signal: AbortSignal) => Promise<void>

const timeoutMs = 1_000

/** TLS sessions are resumed, connections are not kept: only a new one shows that the target still accepts. */
const agent = new Agent({ keepAlive: false, rejectUnauthorized: false })

/** One `GET /`; any answer that is no server error (5xx) is a sign of life. */
export const httpProbe: Probe = (target, signal) =>
  new Promise((resolve, reject) => {
    const { scheme, address: host, port } = target
    const options = { host, port, path: '/', headers: { 'user-agent': 'flota-balancer' } }
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const call =
      scheme === 'https'
        ? httpsRequest({ ...options, agent, signal: either })
        : httpRequest({ ...options, agent: false, signal: either })
    const fail = (cause: unknown) =>
      reject(new FlotaError('unavailable', `Cannot probe '${scheme}://${hostPort(target)}/': no answer`, { cause }))
    call.on('error', fail)
    call.on('response', (response) => {
      response.on('error', fail).resume()
      const status = response.statusCode ?? 0
      if (status >= 500) fail(`status ${status}`)
      else response.on('end', resolve)
    })
    call.end()
  })

export interface ProberOptions {
  readonly probe: Probe
  readonly clock: Clock
  /** Called when a target became healthy or unhealthy. */
  readonly onChange: (target: Target, isHealthy: boolean, reason: unknown) => void
}

/** Probes each of a changing set of targets, each in a loop of its own, so that a slow one delays nobody. */
export class Prober {
  readonly #options: ProberOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: ProberOptions) {
    this.#options = options
  }

  isHealthy(key: string): boolean {
    return this.#watched.get(key)?.health.isHealthy ?? false
  }

  /** Exactly these from now on. Those already watched keep their health; a new one starts unhealthy unless `isAssumed` says otherwise. */
  watch(targets: readonly Target[], isAssumed: (key: string) => boolean): void {
    const wanted = new Set(targets.map((target) => target.key))
    for (const [key, { stop }] of this.#watched) {
      if (wanted.has(key)) continue
      stop.abort()
      this.#watched.delete(key)
    }
    for (const target of targets) {
      if (this.#watched.has(target.key)) continue
      const health = isAssumed(target.key) ? assumedHealth : unknownHealth
      const watched = { target, health, stop: new AbortController() }
      this.#watched.set(target.key, watched)
      void this.#run(watched)
    }
  }

  close(): void {
    this.watch([], () => false)
  }

  async #run(watched: Watched): Promise<void> {
    const { clock, probe } = this.#options
    const { signal } = watched.stop
    let changedMs = clock.nowMs()
    while (!signal.aborted) {
      const reason = await probe(watched.target, signal).then(
        () => undefined,
        (error: unknown) => error ?? 'no answer',
      )
      if (watched.stop.signal.aborted) return
      if (this.#record(watched, reason)) changedMs = clock.nowMs()
      await clock.sleep(probeDelayMs(watched.health, clock.nowMs() - changedMs), signal).catch(() => {})
    }
  }

  #record(watched: Watched, reason: unknown): boolean {
    const before = watched.health
    watched.health = nextHealth(before, reason === undefined)
    const hasChanged = before.isHealthy !== watched.health.isHealthy
    if (hasChanged) this.#options.onChange(watched.target, watched.health.isHealthy, reason)
    return hasChanged
  }
}

interface Watched {
  readonly target: Target
  health: typeof unknownHealth
  readonly stop: AbortController
}

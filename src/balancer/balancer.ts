import { mkdir } from 'node:fs/promises'
import type { BalancerRecord } from '../cluster/records.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { Wake, reconcileForever } from '../lib/reconcile.ts'
import type { MachineId } from '../machine/machine.ts'
import type { Store } from '../store/store.ts'
import { Announcement, renewEveryMs } from './announcement.ts'
import { ensureCertificate } from './certificate.ts'
import { Nginx } from './nginx.ts'
import { httpProbe } from './probe.ts'
import type { NginxConfig, NginxVersion, Ports } from './render.ts'
import { renderNginx } from './render.ts'
import type { ViewFeed } from './traffic.ts'
import { Traffic } from './traffic.ts'

export interface BalancerFeed extends ViewFeed {
  /** Calls back after each change of the view. Returns how to stop it. */
  onChange(listener: () => void): () => void
  /** The view is wanted, until `release`. Not waited for: without a store the last table serves. */
  acquire(): unknown
  release(): unknown
}

export interface BalancerOptions {
  readonly machine: MachineId
  /** Where clients reach this balancer. */
  readonly address: string
  readonly store: Store
  readonly feed: BalancerFeed
  /** Absolute; kept over restarts: certificate, configuration and the table served last. */
  readonly directory: string
  readonly nginxPath: string
  readonly ports: Ports
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
}

/** A reload costs HTTP/1.1 clients their idle connections: changes of listeners that come closer together share one. */
const betweenReloadsMs = 500
/** nginx is asked this often which configuration it runs. */
const checkEveryMs = 5_000

/** Runs nginx over the cluster's routes until the signal aborts; then nginx finishes its requests and ends. */
export async function runBalancer(options: BalancerOptions): Promise<void> {
  const { directory, feed, signal } = options
  await mkdir(directory, { recursive: true })
  const balancer = new Balancer(options)
  const unsubscribe = feed.onChange(() => balancer.wakes.traffic.ring())
  feed.acquire()
  try {
    await balancer.run(signal)
  } finally {
    unsubscribe()
    feed.release()
    await balancer.stop()
  }
}

/** Three loops: who gets requests, what nginx's configuration is, and what the cluster is told of both. */
class Balancer {
  readonly wakes = { traffic: new Wake(), config: new Wake(), announcement: new Wake() }
  readonly #options: BalancerOptions
  readonly #nginx: Nginx
  readonly #traffic: Traffic
  readonly #announcement: Announcement
  #version: NginxVersion | undefined
  #generation: string | undefined
  #reloadedMs = -Infinity
  #configError: string | undefined

  constructor(options: BalancerOptions) {
    this.#options = options
    this.#nginx = new Nginx({ ...options, onDeath: () => this.wakes.config.ring() })
    this.#traffic = new Traffic({
      ...options,
      probe: httpProbe,
      deliver: (table) => this.#nginx.feed(table),
      onHealth: () => this.wakes.traffic.ring(),
    })
    this.#announcement = new Announcement(options)
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#nginx.adopt()
    await this.#traffic.restore()
    await this.#configure().catch(() => {}) // the loop tries again, and logs
    const common = { ...this.#options, signal }
    const { traffic, config, announcement } = this.wakes
    await Promise.all([
      reconcileForever(() => this.#direct(), { ...common, name: 'balancer-traffic', wake: traffic }),
      reconcileForever(() => this.#configure(), {
        ...common,
        name: 'balancer-config',
        wake: config,
        everyMs: checkEveryMs,
      }),
      reconcileForever(() => this.#announce(signal), {
        ...common,
        name: 'balancer-announcement',
        wake: announcement,
        everyMs: renewEveryMs,
      }),
    ])
  }

  async stop(): Promise<void> {
    this.#traffic.close()
    const withdrawn = this.#announcement.withdraw().catch((error: unknown) => {
      this.#options.log.warn('Cannot withdraw from the cluster, the lease ends by itself', { error })
    })
    await Promise.all([withdrawn, this.#nginx.stop()])
  }

  async #direct(): Promise<void> {
    const before = this.#traffic.servedRoute
    await this.#traffic.pass()
    const after = this.#traffic.servedRoute
    if (before?.name !== after?.name || before?.scheme !== after?.scheme) this.wakes.config.ring()
    this.wakes.announcement.ring()
  }

  async #configure(): Promise<void> {
    const { clock, signal } = this.#options
    try {
      if ((await this.#wantedConfig()).generation !== this.#generation) {
        const waitMs = this.#reloadedMs + betweenReloadsMs - clock.nowMs()
        if (waitMs > 0) await clock.sleep(waitMs, signal)
      }
      await this.#serve(await this.#wantedConfig())
      this.#configError = undefined
    } catch (error) {
      this.#configError = describeError(error)
      this.#handOverAgain()
      throw error
    } finally {
      this.wakes.announcement.ring()
    }
  }

  async #serve(config: NginxConfig): Promise<void> {
    const isReload = await this.#nginx.serve(config)
    if (!isReload) return
    this.#reloadedMs = this.#options.clock.nowMs()
    this.#generation = config.generation
    this.#options.log.info('nginx serves a new configuration', { generation: config.generation })
    this.#handOverAgain()
  }

  /** An nginx that reads its configuration reads the peers too, and may have done so a moment before they changed. */
  #handOverAgain(): void {
    this.#traffic.forgetDelivery()
    this.wakes.traffic.ring()
  }

  async #wantedConfig(): Promise<NginxConfig> {
    const { directory, ports, address } = this.#options
    this.#version ??= await this.#nginx.version()
    const certificate = await ensureCertificate(directory, address)
    return renderNginx({ version: this.#version, ports, directory, certificate, route: this.#traffic.servedRoute })
  }

  /** Revision 0 until the store's own endpoints are served: an acknowledgement is a proof. Before that only a failure is worth telling. */
  async #announce(signal: AbortSignal): Promise<void> {
    const revision = this.#traffic.servedRevision
    if (revision === undefined && this.#configError === undefined) return
    const record: BalancerRecord = {
      revision: (revision ?? 0n).toString(),
      address: this.#options.address,
      routes: this.#traffic.statuses(this.#configError),
    }
    await this.#announcement.pass(record, signal)
  }
}

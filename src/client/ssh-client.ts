import http from 'node:http'
import type { Duplex } from 'node:stream'
import { withDeadline } from '../api/deadline.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError, describeError, hasCode } from '../lib/errors.ts'
import type { ApiAnswer, ApiClient, ApiRequest } from './api-client.ts'
import { exchange } from './exchange.ts'
import { firstToSucceed } from './first-to-succeed.ts'
import type { Ssh, SshHost } from './ssh.ts'
import { hasMaster, openMaster, openSession } from './ssh.ts'

export interface SshClientOptions {
  readonly ssh: Ssh
  /** Machines that run the API, in the order to try them. */
  readonly hosts: readonly SshHost[]
  /** The way on from there: arguments of ssh after the destination. */
  readonly onward: readonly string[]
  /** Arguments of ssh before the destination, such as -W. */
  readonly before: readonly string[]
  readonly clock: Clock
  readonly timeoutMs: number
}

/** A dead first machine costs this much, not a whole connect time-out. */
const staggerMs = 1_500

/** The API of whichever machine answers first, HTTP over the standard streams of an SSH session. */
export class SshClient implements ApiClient {
  readonly #options: SshClientOptions
  #left: readonly SshHost[]
  readonly #lost: unknown[] = []
  #current: Connected | undefined
  #connecting: Promise<Connected> | undefined

  constructor(options: SshClientOptions) {
    this.#options = options
    this.#left = options.hosts
  }

  get endpoint(): string {
    const { ssh, hosts } = this.#options
    return `ssh://${ssh.settings.user}@${(this.#current?.host ?? hosts[0])?.host ?? ''}`
  }

  /** Every request of this API may be sent twice, so a machine that fails in the middle is replaced by the next one. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    for (;;) {
      const current = this.#current ?? (await this.#connected())
      try {
        return await this.#sendTo(current, request)
      } catch (error) {
        if (!hasCode(error, 'unavailable')) throw error
        current.agent.destroy()
        if (this.#current !== current) continue
        this.#left = this.#left.filter((host) => host !== current.host)
        this.#current = undefined
        this.#lost.push(error)
      }
    }
  }

  close(): void {
    this.#current?.agent.destroy()
    this.#current = undefined
  }

  /** The machine that requests go through; connects when nothing was sent yet. */
  async host(): Promise<SshHost> {
    return (this.#current ?? (await this.#connected())).host
  }

  /** Requests that begin together share one session: a second one would be nobody's to close. */
  async #connected(): Promise<Connected> {
    this.#connecting ??= this.#connect()
    try {
      this.#current = await this.#connecting
      return this.#current
    } finally {
      this.#connecting = undefined
    }
  }

  #sendTo({ host, agent }: Connected, request: ApiRequest): Promise<ApiAnswer> {
    const { clock, timeoutMs, ssh } = this.#options
    const endpoint = `ssh://${ssh.settings.user}@${host.host}`
    const hint = `'systemctl status fleet.service' tells more on ${host.host}`
    return exchange(request, { target: { agent, host: 'flota' }, endpoint, clock, timeoutMs, hint })
  }

  async #connect(): Promise<Connected> {
    const { ssh, clock } = this.#options
    if (this.#left.length === 0) throw noneAnswers(this.#lost)
    const standing = await this.#standing()
    if (standing !== undefined) return this.#session(standing)
    const attempt = async (host: SshHost, signal: AbortSignal): Promise<Connected> => {
      await openMaster(ssh, host, signal)
      return this.#session(host)
    }
    try {
      return await firstToSucceed(this.#left, { clock, staggerMs }, attempt)
    } catch (error) {
      throw error instanceof AggregateError ? noneAnswers([...this.#lost, ...(error.errors as unknown[])]) : error
    }
  }

  /** A machine that another command's connection leads to already: a dead one before it costs nothing then. */
  async #standing(): Promise<SshHost | undefined> {
    const { ssh, clock } = this.#options
    const checks = this.#left.map((host) =>
      withDeadline({ clock, withinMs: staggerMs, what: 'look for a connection' }, (signal) =>
        hasMaster(ssh, host, signal),
      ),
    )
    const answers = await Promise.allSettled(checks)
    return this.#left.find((_, at) => answers[at]?.status === 'fulfilled' && answers[at].value)
  }

  #session(host: SshHost): Connected {
    const { ssh, onward, before } = this.#options
    return { host, agent: new SessionAgent([...before, ...ssh.args(host), ...onward], host.host) }
  }
}

interface Connected {
  readonly host: SshHost
  readonly agent: http.Agent
}

class SessionAgent extends http.Agent {
  readonly #args: readonly string[]
  readonly #name: string

  constructor(args: readonly string[], name: string) {
    super({ keepAlive: true, maxSockets: 4 })
    this.#args = args
    this.#name = name
  }

  override createConnection(): Duplex {
    return openSession(this.#args, this.#name)
  }
}

function noneAnswers(errors: readonly unknown[]): FlotaError {
  const reasons = errors.map((error) => describeError(error))
  const [only = 'Cannot reach the cluster: it has no machine to ask'] = reasons
  const message = reasons.length < 2 ? only : `Cannot reach any machine of the cluster: ${reasons.join('; ')}`
  return new FlotaError('unavailable', message, {
    hint: "Check that the machines run and that 'ssh' reaches one of them; --context and --tunnel choose another way in",
  })
}

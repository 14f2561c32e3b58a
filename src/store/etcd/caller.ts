import { Metadata, status, type ServiceError } from '@grpc/grpc-js'
import type { Clock } from '../../lib/clock.ts'
import type { Connection, Connections } from './connections.ts'
import { isReady, whyNotReady } from './connections.ts'
import { CallError, isMemberTrouble, wasNotDone } from './etcd-errors.ts'
import type { Method } from './methods.ts'

export interface CallerOptions {
  readonly connections: Connections
  readonly clock: Clock
  /** For one call in all, however many members it takes. */
  readonly requestTimeoutMs: number
}

/** A member that has lost its leader answers so at once, instead of keeping the call until its deadline. */
export function requireLeader(): Metadata {
  const metadata = new Metadata()
  metadata.set('hasleader', 'true')
  return metadata
}

/** Sends plain calls, each with a deadline, and goes on to the next member where that is safe. */
export class Caller {
  readonly #options: CallerOptions
  readonly #underWay = new Set<() => void>()

  constructor(options: CallerOptions) {
    this.#options = options
  }

  /** Cancels every call under way. */
  close(): void {
    for (const cancel of this.#underWay) cancel()
  }

  /** Rejects with a CallError, or with the signal's reason. */
  async call<Q, A>(method: Method<Q, A>, request: Q, signal?: AbortSignal): Promise<A> {
    const { connections, requestTimeoutMs } = this.#options
    const endMs = this.#wallMs() + requestTimeoutMs
    // A member that does not answer at all must leave time for another one.
    const tryMs = connections.count > 1 ? requestTimeoutMs / 2 : requestTimeoutMs
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted()
      const connection = connections.current()
      const deadline = Math.min(endMs, this.#wallMs() + tryMs)
      try {
        return await this.#try(connection, method, { request, deadline, signal, endMs })
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof CallError) || !isMemberTrouble(error)) throw error
        connections.failed(connection)
        const isSafe = method.isIdempotent || wasNotDone(error)
        if (!isSafe || tries >= connections.count || this.#wallMs() >= endMs) throw error
      }
    }
  }

  async #try<Q, A>(connection: Connection, method: Method<Q, A>, one: Try<Q>): Promise<A> {
    const { endpoint } = connection
    await connect(connection, one.deadline)
    one.signal?.throwIfAborted()
    return new Promise<A>((resolve, reject) => {
      const answer = (error: ServiceError | null, value?: A) => {
        one.signal?.removeEventListener('abort', cancel)
        this.#underWay.delete(cancel)
        if (error !== null) reject(new CallError(error.code, error.details, { endpoint }))
        else if (value === undefined) reject(new CallError(status.INTERNAL, 'an empty answer', { endpoint }))
        else resolve(value)
      }
      const { path, encode, decode } = method
      // What cannot be tried twice may take all the time there is.
      const options = { deadline: method.isIdempotent ? one.deadline : one.endMs }
      const { client } = connection
      const call = client.makeUnaryRequest(path, encode, decode, one.request, requireLeader(), options, answer)
      const cancel = () => call.cancel()
      one.signal?.addEventListener('abort', cancel, { once: true })
      this.#underWay.add(cancel)
    })
  }

  #wallMs(): number {
    return this.#options.clock.wall().getTime()
  }
}

/** Rejects when the connection does not stand by `deadline` (wall clock milliseconds). */
export async function connect(connection: Connection, deadline: number): Promise<void> {
  if (await isReady(connection, deadline)) return
  const reason = await whyNotReady(connection, deadline)
  throw new CallError(status.UNAVAILABLE, reason, { endpoint: connection.endpoint, wasSent: false })
}

interface Try<Q> {
  readonly request: Q
  /** Wall clock milliseconds, as gRPC counts: for this member, and for the whole call. */
  readonly deadline: number
  readonly endMs: number
  readonly signal: AbortSignal | undefined
}

import { status, type ClientDuplexStream } from '@grpc/grpc-js'
import type { Clock } from '../../lib/clock.ts'
import { CompactedError } from '../store.ts'
import type { Range, Revision, WatchBatch } from '../store.ts'
import { connect, requireLeader } from './caller.ts'
import type { Connection, Connections } from './connections.ts'
import { CallError } from './etcd-errors.ts'
import type { WatchRequest, WatchResponse } from './generated/etcd.ts'
import { toKeyRange } from './messages.ts'
import { methods } from './methods.ts'
import { WatchBatches } from './watch-batches.ts'

export interface WatchOptions {
  readonly connections: Connections
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly connectTimeoutMs: number
  /** How often a sign of life is asked for. */
  readonly progressEveryMs: number
  /** Silence for this long ends the watch. */
  readonly silentAfterMs: number
}

type Stream = ClientDuplexStream<WatchRequest, WatchResponse>

/**
 * One stream with one watch on it. Ends quietly when the signal aborts, else with CompactedError or CallError: a member that has lost
 * its leader ends it by itself, one that cannot be heard any more is given up after `silentAfterMs`.
 */
export async function* watchRange(
  range: Range,
  fromRevision: Revision,
  options: WatchOptions,
): AsyncGenerator<WatchBatch> {
  const { connections, signal } = options
  const connection = connections.current()
  try {
    await connect(connection, options.clock.wall().getTime() + options.connectTimeoutMs)
    yield* watchAt(connection, { range, fromRevision }, options)
    if (!signal.aborted) throw new CallError(status.UNAVAILABLE, 'etcd ended the watch', connection)
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof CompactedError) throw error
    connections.failed(connection)
    throw toCallError(error, connection)
  }
}

interface Watched {
  readonly range: Range
  readonly fromRevision: Revision
}

async function* watchAt(
  connection: Connection,
  { range, fromRevision }: Watched,
  options: WatchOptions,
): AsyncGenerator<WatchBatch> {
  const stream = openStream(connection)
  const life = new LifeSigns(stream, options)
  const cancel = () => stream.cancel()
  options.signal.addEventListener('abort', cancel, { once: true })
  try {
    const value = { ...toKeyRange(range), startRevision: fromRevision, fragment: true }
    stream.write({ requestUnion: { $case: 'createRequest', value } })
    const batches = new WatchBatches(fromRevision)
    for await (const response of stream as AsyncIterable<WatchResponse>) {
      const batch = batches.add(response)
      life.heard(response)
      if (batch === undefined) continue
      life.pause()
      yield batch
      life.resume()
    }
  } catch (error) {
    throw life.silence ?? error
  } finally {
    life.stop()
    options.signal.removeEventListener('abort', cancel)
    stream.cancel()
  }
}

function openStream({ client }: Connection): Stream {
  const { path, encode, decode } = methods.watch
  const stream = client.makeBidiStreamRequest(path, encode, decode, requireLeader())
  // What fails after the reader has left has nobody to tell, and must not end the process.
  stream.on('error', () => {})
  return stream
}

/** Asks for signs of life, and ends the stream when none comes. Stands still while the reader is busy with a batch. */
class LifeSigns {
  readonly #stream: Stream
  readonly #options: WatchOptions
  readonly #stopped = new AbortController()
  #heardMs: number
  #isCreated = false
  #isPaused = false
  silence: Error | undefined

  constructor(stream: Stream, options: WatchOptions) {
    this.#stream = stream
    this.#options = options
    this.#heardMs = options.clock.nowMs()
    void this.#run()
  }

  heard(response: WatchResponse): void {
    this.#heardMs = this.#options.clock.nowMs()
    if (!response.created) return
    this.#isCreated = true
    this.#ask()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#heardMs = this.#options.clock.nowMs()
  }

  stop(): void {
    this.#stopped.abort()
  }

  #ask(): void {
    this.#stream.write({ requestUnion: { $case: 'progressRequest', value: {} } })
  }

  async #run(): Promise<void> {
    const { clock, progressEveryMs, silentAfterMs } = this.#options
    const { signal } = this.#stopped
    for (;;) {
      await clock.sleep(progressEveryMs, signal).catch(() => {})
      if (signal.aborted) return
      if (!this.#isPaused && clock.nowMs() - this.#heardMs >= silentAfterMs) {
        this.silence = new Error(`no sign of life for ${Math.round(silentAfterMs / 1_000)} s`)
        this.#stream.cancel()
        return
      }
      if (this.#isCreated) this.#ask()
    }
  }
}

function toCallError(error: unknown, { endpoint }: Connection): CallError {
  if (error instanceof CallError) return error
  const isService = error instanceof Error && 'code' in error && 'details' in error
  if (isService) return new CallError(error.code as status, String(error.details), { endpoint })
  return new CallError(status.UNAVAILABLE, error instanceof Error ? error.message : String(error), { endpoint })
}

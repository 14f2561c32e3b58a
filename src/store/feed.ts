import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Change, Entry, Range, Revision, Store } from './store.ts'
import { CompactedError } from './store.ts'

export interface FeedOptions {
  /** The whole range anew, as it is at `revision`: what was known before is void. */
  readonly onReset: (entries: readonly Entry[], revision: Revision) => void
  /** What changed since the last call, up to `revision`. No changes = a sign of life, and after `onLost` that the feed is back. */
  readonly onChanges: (changes: readonly Change[], revision: Revision) => void
  /** What is known may be out of date until the next `onReset` or `onChanges`. Called once per loss. */
  readonly onLost: (error: unknown) => void
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
}

/** How the feed stands: `revision` is the last one handed over, absent when the range must be read. */
interface Position {
  revision: Revision | undefined
  failures: number
  isLost: boolean
}

/**
 * Follows a range for good: a read, then a watch from the next revision on; each change exactly once and in order. A broken watch is
 * resumed where it ended; the range is read again only when that revision is no longer kept. Resolves when the signal aborts;
 * rejects only with what a callback throws.
 */
export async function followRange(store: Store, range: Range, options: FeedOptions): Promise<void> {
  const position: Position = { revision: undefined, failures: 0, isLost: false }
  for (;;) {
    const error = await followOnce(store, range, { ...options, position })
    if (options.signal.aborted) return
    if (error instanceof CompactedError) position.revision = undefined
    if (!position.isLost) {
      position.isLost = true
      options.log.warn('Store feed lost, trying again', { range: nameOf(range), error })
      options.onLost(error)
    }
    const waitMs = backoffMs(position.failures++, { firstMs: 100, maxMs: 3_000, random: options.random })
    await options.clock.sleep(waitMs, options.signal).catch(() => {})
  }
}

type PassOptions = FeedOptions & { readonly position: Position }

/** Until the store fails; resolves to its error. What a callback throws is not the store's, and rejects. */
async function followOnce(store: Store, range: Range, options: PassOptions): Promise<unknown> {
  const { position, signal } = options
  if (position.revision === undefined) {
    const read = await attempt(() => store.read(range, signal))
    if (signal.aborted || !read.ok) return read.ok ? undefined : read.error
    recovered(range, options)
    options.onReset(read.value.entries, read.value.revision)
    position.revision = read.value.revision
  }
  const batches = store.watch(range, position.revision + 1n, signal)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await attempt(() => batches.next())
      if (signal.aborted || !next.ok) return next.ok ? undefined : next.error
      if (next.value.done === true) return new Error('the watch ended')
      const { changes, revision } = next.value.value
      recovered(range, options)
      position.failures = 0
      options.onChanges(changes, revision)
      position.revision = revision
    }
  } finally {
    await attempt(async () => batches.return?.())
  }
}

function recovered(range: Range, { position, log }: PassOptions): void {
  if (!position.isLost) return
  position.isLost = false
  log.debug('Store feed is back', { range: nameOf(range) })
}

const nameOf = (range: Range): string => ('prefix' in range ? range.prefix : range.key)

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    return { ok: false, error }
  }
}

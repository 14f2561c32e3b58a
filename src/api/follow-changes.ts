import type { ClusterChange } from '../cluster/change.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { toClusterChange } from '../store/cluster-changes.ts'
import { keyPrefix, keys } from '../store/keys.ts'
import type { Revision, Store } from '../store/store.ts'
import { CompactedError } from '../store/store.ts'

/** `reset`: what was known before may be wrong; a list read from now on is at `revision` or later, and what follows continues there. */
export type News =
  | { readonly kind: 'reset'; readonly revision: Revision; readonly reason: string }
  | { readonly kind: 'changes'; readonly revision: Revision; readonly changes: readonly ClusterChange[] }

export interface FollowOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** The last revision that the follower knows; undefined when it knows nothing. */
  readonly after: Revision | undefined
  /** The store's revision when the follower came: one that knows more than that knows another store. */
  readonly current: Revision
  readonly signal: AbortSignal
}

const retryAfterMs = 1_000

/** Each change of the cluster once and in order, over losses of the store, until the signal aborts. */
export async function* followChanges(options: FollowOptions): AsyncGenerator<News> {
  const { store, clock, log, after, current, signal } = options
  const isKnown = after !== undefined && after <= current
  let revision = isKnown ? after : current
  if (!isKnown) yield { kind: 'reset', revision, reason: whyReset(after) }
  while (!signal.aborted) {
    try {
      for await (const batch of store.watch({ prefix: keyPrefix }, revision + 1n, signal)) {
        revision = batch.revision
        const changes = batch.changes.flatMap((change) => toClusterChange(change, onBad(log)) ?? [])
        yield { kind: 'changes', revision, changes }
      }
    } catch (error) {
      if (isAborted(signal)) return
      const now = error instanceof CompactedError ? await currentRevision(store, signal) : undefined
      if (now === undefined) {
        await clock.sleep(retryAfterMs, signal).catch(() => {})
        continue
      }
      yield { kind: 'reset', revision: now, reason: `what came after revision ${revision} is no longer kept` }
      revision = now
    }
  }
}

/** Undefined while the store is away. */
async function currentRevision(store: Store, signal: AbortSignal): Promise<Revision | undefined> {
  return store.read({ key: keys.leader }, signal).then(
    (read) => read.revision,
    () => undefined,
  )
}

function whyReset(after: Revision | undefined): string {
  return after === undefined ? 'no revision was given to continue from' : `revision ${after} is not known`
}

/** The feed of this process reports such a value as an error; here it is only not passed on. */
function onBad(log: Log) {
  return (key: string, error: unknown) => log.debug('Store value cannot be read, no event for it', { key, error })
}

/** Behind a call, so that the type checker does not take the loop's first look for the last word. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

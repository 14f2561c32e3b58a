import { expect } from 'vitest'
import type { Change, Commit, Entry, Range, Store, WatchBatch } from '../../src/store/store.ts'

/** A store under test, and what its port has no call for. */
export interface StoreUnderTest {
  readonly store: Store
  /** Makes the store forget the history before its current revision. */
  readonly compact: () => Promise<void>
  /** Ends the store and whatever it needed. */
  readonly dispose: () => Promise<void>
}

/** How late after its end a lease's keys may vanish: etcd looks twice a second, and every machine here is busy. */
export const graceMs = 4_000
/** The shortest lease that etcd grants as asked. */
export const ttlSeconds = 2

export class Suite {
  #under: StoreUnderTest | undefined
  #prefixes = 0

  async open(openStore: () => Promise<StoreUnderTest>): Promise<void> {
    this.#under = await openStore()
  }

  async dispose(): Promise<void> {
    await this.#under?.dispose()
  }

  get under(): StoreUnderTest {
    if (this.#under === undefined) throw new Error('the store did not open')
    return this.#under
  }

  get store(): Store {
    return this.under.store
  }

  prefix(): string {
    this.#prefixes += 1
    return `/contract/${this.#prefixes}/`
  }

  async put(key: string, value: string, lease = 0n): Promise<bigint> {
    return this.committed({ operations: [{ kind: 'put', key, value, lease }] })
  }

  async committed(commit: Commit): Promise<bigint> {
    const result = await this.store.commit(commit)
    expect(result.kind).toBe('committed')
    return result.revision
  }

  async keys(prefix: string): Promise<readonly string[]> {
    const { entries } = await this.store.read({ prefix })
    return entries.map(({ key }) => key.slice(prefix.length))
  }

  async entry(key: string): Promise<Entry | undefined> {
    return (await this.store.read({ key })).entries[0]
  }

  async revision(): Promise<bigint> {
    return (await this.store.read({ key: '/contract/none' })).revision
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const keyOf = (change: Change): string => (change.kind === 'put' ? change.entry.key : change.key)
export const revisionOf = (change: Change): bigint =>
  change.kind === 'put' ? change.entry.modRevision : change.modRevision

export const entryOf = (key: string, value: string, revision: bigint): Entry => ({
  key,
  value,
  createRevision: revision,
  modRevision: revision,
  lease: 0n,
})

export function countByRevision(batch: WatchBatch): ReadonlyMap<bigint, number> {
  const counts = new Map<bigint, number>()
  for (const change of batch.changes) counts.set(revisionOf(change), (counts.get(revisionOf(change)) ?? 0) + 1)
  return counts
}

/** The first batch that has changes. */
export async function nextChanges(store: Store, range: Range, from: bigint): Promise<WatchBatch> {
  const signal = AbortSignal.timeout(ttlSeconds * 1_000 + graceMs)
  for await (const batch of store.watch(range, from, signal)) if (batch.changes.length > 0) return batch
  throw new Error('no change came in time')
}

interface Span {
  readonly from: bigint
  readonly until: bigint
}

export async function* batchesUntil(store: Store, range: Range, { from, until }: Span): AsyncGenerator<WatchBatch> {
  const signal = AbortSignal.timeout(10_000)
  for await (const batch of store.watch(range, from, signal)) {
    yield batch
    if (batch.revision >= until) return
  }
  throw new Error(`the watch did not come to revision ${until.toString()} in time`)
}

export async function collectUntil(store: Store, range: Range, span: Span): Promise<readonly Change[]> {
  const changes: Change[] = []
  for await (const batch of batchesUntil(store, range, span)) changes.push(...batch.changes)
  return changes
}

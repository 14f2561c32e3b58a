import { setMaxListeners } from 'node:events'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import { checkCommit, storeLimits } from './limits.ts'
import { leaseGone, storeClosed } from './store-errors.ts'
import type {
  Change,
  Commit,
  CommitResult,
  Compare,
  Entry,
  LeaseId,
  Operation,
  Range,
  ReadResult,
  Revision,
  Store,
  StoreLimits,
  WatchBatch,
} from './store.ts'
import { CompactedError } from './store.ts'

interface Lease {
  readonly ttlMs: number
  endsAtMs: number
}

interface Watcher {
  readonly range: Range
  readonly fromRevision: Revision
  readonly queue: WatchBatch[]
  error: unknown
  wake: () => void
}

/**
 * A whole store in memory: the double that tests use. It forgets at exit, and can be told to fail as a real one does:
 * `isAway` refuses every call, `breakWatches` ends all watches, `compact` drops history.
 */
export class MemoryStore implements Store {
  readonly limits: StoreLimits = storeLimits
  isAway = false
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  readonly #leases = new Map<LeaseId, Lease>()
  readonly #watchers = new Set<Watcher>()
  readonly #history: WatchBatch[] = []
  readonly #closed = new AbortController()
  #revision = 1n
  #compacted = 0n
  #nextLease = 1n

  constructor(clock: Clock) {
    // One listener for each lease that waits for its end.
    setMaxListeners(0, this.#closed.signal)
    this.#clock = clock
  }

  get revision(): Revision {
    return this.#revision
  }

  read(range: Range, signal?: AbortSignal): Promise<ReadResult> {
    return this.#call(signal, () => ({
      revision: this.#revision,
      entries: [...this.#entries.values()]
        .filter(({ key }) => isIn(range, key))
        .toSorted((a, b) => compareKeys(a.key, b.key)),
    }))
  }

  commit(commit: Commit, signal?: AbortSignal): Promise<CommitResult> {
    return this.#call(signal, () => {
      checkCommit(commit)
      const { compares = [], operations } = commit
      if (!compares.every((compare) => this.#holds(compare))) return { kind: 'conflict', revision: this.#revision }
      for (const operation of operations) this.#checkLease(operation)
      this.#write(operations)
      return { kind: 'committed', revision: this.#revision }
    })
  }

  grantLease(ttlSeconds: number, signal?: AbortSignal): Promise<LeaseId> {
    return this.#call(signal, () => {
      const id = this.#nextLease++
      const ttlMs = ttlSeconds * 1_000
      this.#leases.set(id, { ttlMs, endsAtMs: this.#clock.nowMs() + ttlMs })
      void this.#endWhenDue(id)
      return id
    })
  }

  renewLease(lease: LeaseId, signal?: AbortSignal): Promise<boolean> {
    return this.#call(signal, () => {
      const found = this.#leases.get(lease)
      if (found !== undefined) found.endsAtMs = this.#clock.nowMs() + found.ttlMs
      return found !== undefined
    })
  }

  revokeLease(lease: LeaseId, signal?: AbortSignal): Promise<void> {
    return this.#call(signal, () => this.#endLease(lease))
  }

  leaseRemainingMs(lease: LeaseId, signal?: AbortSignal): Promise<number | undefined> {
    return this.#call(signal, () => {
      const found = this.#leases.get(lease)
      return found === undefined ? undefined : found.endsAtMs - this.#clock.nowMs()
    })
  }

  async *watch(range: Range, fromRevision: Revision, signal: AbortSignal): AsyncIterable<WatchBatch> {
    await this.#call(signal, () => {})
    if (fromRevision < this.#compacted) throw new CompactedError(this.#compacted)
    const past = this.#history.filter(({ revision }) => revision >= fromRevision)
    const start: WatchBatch = { revision: this.#revision, changes: [] }
    const queue = [...past.map((batch) => inRange(batch, range)), start]
    const watcher: Watcher = { range, fromRevision, queue, error: undefined, wake: () => {} }
    this.#watchers.add(watcher)
    const stop = () => watcher.wake()
    signal.addEventListener('abort', stop)
    try {
      for (;;) {
        if (signal.aborted) return
        if (watcher.error !== undefined) throw watcher.error as Error
        const batch = watcher.queue.shift()
        if (batch !== undefined) yield batch
        else await new Promise<void>((resolve) => (watcher.wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#watchers.delete(watcher)
    }
  }

  close(): Promise<void> {
    this.#closed.abort(storeClosed())
    this.#endWatches(storeClosed())
    return Promise.resolve()
  }

  /** Ends all watches as a lost connection does. */
  breakWatches(): void {
    this.#endWatches(unavailable('the connection was lost'))
  }

  /** Forgets changes before this revision. */
  compact(revision: Revision): void {
    this.#compacted = revision
    const first = this.#history.findIndex((batch) => batch.revision >= revision)
    this.#history.splice(0, first === -1 ? this.#history.length : first)
  }

  #endWatches(error: FlotaError): void {
    for (const watcher of this.#watchers) {
      watcher.error = error
      watcher.wake()
    }
  }

  async #call<T>(signal: AbortSignal | undefined, act: () => T): Promise<T> {
    await Promise.resolve()
    signal?.throwIfAborted()
    this.#closed.signal.throwIfAborted()
    if (this.isAway) throw unavailable('the store is away')
    return act()
  }

  #holds(compare: Compare): boolean {
    const entry = this.#entries.get(compare.key)
    if ('modRevision' in compare) return (entry?.modRevision ?? 0n) === compare.modRevision
    return (entry?.createRevision ?? 0n) === compare.createRevision
  }

  #checkLease(operation: Operation): void {
    if (operation.kind !== 'put' || (operation.lease ?? 0n) === 0n) return
    if (this.#leases.has(operation.lease ?? 0n)) return
    throw leaseGone(operation.lease ?? 0n)
  }

  #write(operations: readonly Operation[]): void {
    const revision = this.#revision + 1n
    const changes = operations.flatMap((operation) => this.#apply(operation, revision) ?? [])
    // As in etcd, deleting what is not there is no change and takes no revision.
    if (changes.length === 0) return
    this.#revision = revision
    const batch = { revision, changes }
    this.#history.push(batch)
    for (const watcher of this.#watchers) {
      const part = inRange(batch, watcher.range)
      if (part.changes.length === 0 || revision < watcher.fromRevision) continue
      watcher.queue.push(part)
      watcher.wake()
    }
  }

  #apply(operation: Operation, revision: Revision): Change | undefined {
    const { key } = operation
    const before = this.#entries.get(key)
    if (operation.kind === 'delete') {
      if (before === undefined) return undefined
      this.#entries.delete(key)
      return { kind: 'delete', key, modRevision: revision }
    }
    const { value, lease = 0n } = operation
    const entry = { key, value, createRevision: before?.createRevision ?? revision, modRevision: revision, lease }
    this.#entries.set(key, entry)
    return { kind: 'put', entry }
  }

  async #endWhenDue(id: LeaseId): Promise<void> {
    for (let lease = this.#leases.get(id); lease !== undefined; lease = this.#leases.get(id)) {
      const leftMs = lease.endsAtMs - this.#clock.nowMs()
      if (leftMs <= 0) this.#endLease(id)
      else await this.#clock.sleep(leftMs, this.#closed.signal).catch(() => this.#leases.delete(id))
    }
  }

  #endLease(id: LeaseId): void {
    if (!this.#leases.delete(id)) return
    const keys = [...this.#entries.values()].filter(({ lease }) => lease === id).map(({ key }) => key)
    this.#write(keys.map((key) => ({ kind: 'delete', key })))
  }
}

const isIn = (range: Range, key: string): boolean =>
  'prefix' in range ? key.startsWith(range.prefix) : key === range.key

function inRange({ revision, changes }: WatchBatch, range: Range): WatchBatch {
  return {
    revision,
    changes: changes.filter((change) => isIn(range, change.kind === 'put' ? change.entry.key : change.key)),
  }
}

const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const unavailable = (cause: string): FlotaError => new FlotaError('unavailable', `Cannot reach the store: ${cause}`)

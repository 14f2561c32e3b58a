import type { Change, Entry, LeaseId, Range, ReadResult, Revision } from '../store.ts'

/** One revision: what it changed. */
export interface Revised {
  readonly revision: Revision
  readonly changes: readonly Change[]
}

/** What a group of commits and lease calls comes to, to be written to disk and then applied. */
export interface Outcome {
  readonly revision: Revision
  readonly lastLease: LeaseId
  /** `undefined` = the key is gone. */
  readonly entries: ReadonlyMap<string, Entry | undefined>
  /** Time to live in seconds; `undefined` = the lease is gone. */
  readonly leases: ReadonlyMap<LeaseId, number | undefined>
  readonly revised: readonly Revised[]
}

/** Everything the store holds, as it is on disk: `apply` is called only with what was written. */
export class State {
  #revision: Revision
  #lastLease: LeaseId
  readonly #entries = new Map<string, Entry>()
  readonly #leases = new Map<LeaseId, number>()
  readonly #keysByLease = new Map<LeaseId, Set<string>>()
  #sortedKeys: readonly string[] | undefined

  constructor(first: Pick<Outcome, 'revision' | 'lastLease' | 'entries' | 'leases'>) {
    this.#revision = first.revision
    this.#lastLease = first.lastLease
    this.apply({ ...first, revised: [] })
  }

  get revision(): Revision {
    return this.#revision
  }

  get lastLease(): LeaseId {
    return this.#lastLease
  }

  get leases(): ReadonlyMap<LeaseId, number> {
    return this.#leases
  }

  entry(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  keysOf(lease: LeaseId): Iterable<string> {
    return this.#keysByLease.get(lease) ?? []
  }

  read(range: Range): ReadResult {
    const keys = 'key' in range ? [range.key] : this.#sorted().filter((key) => key.startsWith(range.prefix))
    return { revision: this.#revision, entries: keys.flatMap((key) => this.#entries.get(key) ?? []) }
  }

  apply({ revision, lastLease, entries, leases }: Outcome): void {
    this.#revision = revision
    this.#lastLease = lastLease
    for (const [key, entry] of entries) this.#set(key, entry)
    for (const [lease, ttlSeconds] of leases) {
      if (ttlSeconds === undefined) this.#leases.delete(lease)
      else this.#leases.set(lease, ttlSeconds)
    }
  }

  #set(key: string, entry: Entry | undefined): void {
    const before = this.#entries.get(key)
    if (before !== undefined) this.#unlink(before.lease, key)
    if ((before === undefined) !== (entry === undefined)) this.#sortedKeys = undefined
    if (entry === undefined) {
      this.#entries.delete(key)
      return
    }
    this.#entries.set(key, entry)
    if (entry.lease !== 0n) this.#link(entry.lease, key)
  }

  #link(lease: LeaseId, key: string): void {
    const keys = this.#keysByLease.get(lease) ?? new Set()
    this.#keysByLease.set(lease, keys.add(key))
  }

  #unlink(lease: LeaseId, key: string): void {
    const keys = this.#keysByLease.get(lease)
    keys?.delete(key)
    if (keys?.size === 0) this.#keysByLease.delete(lease)
  }

  /** By bytes, as etcd sorts: not the order of JavaScript's own string comparison above U+FFFF. */
  #sorted(): readonly string[] {
    this.#sortedKeys ??= [...this.#entries.keys()]
      .map((key) => Buffer.from(key))
      .sort((a, b) => a.compare(b))
      .map((key) => key.toString())
    return this.#sortedKeys
  }
}

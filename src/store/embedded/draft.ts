import { unreachable } from '../../lib/errors.ts'
import { leaseGone } from '../store-errors.ts'
import type { Change, Commit, CommitResult, Compare, Entry, LeaseId, Operation, Revision } from '../store.ts'
import type { Outcome, Revised, State } from './state.ts'

/** Changes on top of a state, one call after the other, none of them visible before the draft is on disk. */
export class Draft {
  readonly #base: State
  readonly #entries = new Map<string, Entry | undefined>()
  readonly #leases = new Map<LeaseId, number | undefined>()
  readonly #revised: Revised[] = []
  #revision: Revision
  #lastLease: LeaseId

  constructor(base: State) {
    this.#base = base
    this.#revision = base.revision
    this.#lastLease = base.lastLease
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#leases.size === 0
  }

  outcome(): Outcome {
    return {
      revision: this.#revision,
      lastLease: this.#lastLease,
      entries: this.#entries,
      leases: this.#leases,
      revised: this.#revised,
    }
  }

  /** All or nothing: throws `not_found` for a lease that has ended before it changes anything. */
  commit({ compares = [], operations }: Commit): CommitResult {
    if (!compares.every((compare) => this.#holds(compare))) return { kind: 'conflict', revision: this.#revision }
    for (const operation of operations) this.#checkLease(operation)
    this.#revise(operations)
    return { kind: 'committed', revision: this.#revision }
  }

  grant(ttlSeconds: number): LeaseId {
    this.#lastLease += 1n
    this.#leases.set(this.#lastLease, ttlSeconds)
    return this.#lastLease
  }

  /** Ends a lease, and its keys with it in one revision. */
  revoke(lease: LeaseId): void {
    if (!this.#hasLease(lease)) return
    const keys = new Set([...this.#base.keysOf(lease), ...this.#entries.keys()])
    const own = [...keys].filter((key) => this.#entry(key)?.lease === lease).sort()
    this.#revise(own.map((key) => ({ kind: 'delete', key })))
    this.#leases.set(lease, undefined)
  }

  /** As in etcd, what changes nothing makes no revision. */
  #revise(operations: readonly Operation[]): void {
    const revision = this.#revision + 1n
    const changes = operations.flatMap((operation) => this.#change(operation, revision) ?? [])
    if (changes.length === 0) return
    this.#revision = revision
    this.#revised.push({ revision, changes })
  }

  #change(operation: Operation, modRevision: Revision): Change | undefined {
    const { key } = operation
    const before = this.#entry(key)
    switch (operation.kind) {
      case 'put': {
        const { value, lease = 0n } = operation
        const entry = { key, value, createRevision: before?.createRevision ?? modRevision, modRevision, lease }
        this.#entries.set(key, entry)
        return { kind: 'put', entry }
      }
      case 'delete':
        if (before === undefined) return undefined
        this.#entries.set(key, undefined)
        return { kind: 'delete', key, modRevision }
      default:
        return unreachable(operation)
    }
  }

  #holds(compare: Compare): boolean {
    const entry = this.#entry(compare.key)
    if ('modRevision' in compare) return (entry?.modRevision ?? 0n) === compare.modRevision
    return (entry?.createRevision ?? 0n) === compare.createRevision
  }

  #checkLease(operation: Operation): void {
    if (operation.kind !== 'put' || operation.lease === undefined || operation.lease === 0n) return
    if (!this.#hasLease(operation.lease)) throw leaseGone(operation.lease)
  }

  #hasLease(lease: LeaseId): boolean {
    return (this.#leases.has(lease) ? this.#leases.get(lease) : this.#base.leases.get(lease)) !== undefined
  }

  #entry(key: string): Entry | undefined {
    return this.#entries.has(key) ? this.#entries.get(key) : this.#base.entry(key)
  }
}

import { FlotaError } from '../lib/errors.ts'
import type { Commit, CommitResult, LeaseId, Store } from '../store/store.ts'

/** For tests: what a balancer writes, and a store that can go away. Nobody reads or watches it here. */
export class TestStore implements Store {
  readonly limits = { maxOperations: 128, maxBytes: 1_500_000 }
  readonly commits: Commit[] = []
  readonly leases = new Set<LeaseId>()
  isAway = false
  #nextLease = 1n

  commit(commit: Commit): Promise<CommitResult> {
    return this.#answer(() => {
      this.commits.push(commit)
      return { kind: 'committed', revision: BigInt(this.commits.length) }
    })
  }

  grantLease(): Promise<LeaseId> {
    return this.#answer(() => {
      this.leases.add(this.#nextLease)
      return this.#nextLease++
    })
  }

  renewLease(lease: LeaseId): Promise<boolean> {
    return this.#answer(() => this.leases.has(lease))
  }

  revokeLease(lease: LeaseId): Promise<void> {
    return this.#answer(() => void this.leases.delete(lease))
  }

  read = () => Promise.reject(new Error('not read here'))
  leaseRemainingMs = () => Promise.reject(new Error('not asked here'))

  watch(): never {
    throw new Error('not watched here')
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #answer<T>(act: () => T): Promise<T> {
    if (this.isAway) return Promise.reject(new FlotaError('unavailable', 'Cannot reach the store: it is away'))
    return Promise.resolve(act())
  }
}

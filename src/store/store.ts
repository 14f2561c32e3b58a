/**
 * The store port: everything Flota keeps goes through these few calls. Two implementations, `embedded` (one machine, durable on its disk)
 * and `etcd` (v3), pass one contract suite (`contract.ts`). Semantics are etcd's: one revision counter for the whole store, raised by
 * one with each commit; a key's `modRevision` is that of its last change, its `createRevision` that of its creation.
 */
export interface Store {
  /** All keys with the prefix (or the one key), sorted by key, as they were at one revision. A linearizable read. */
  read(range: Range, signal?: AbortSignal): Promise<ReadResult>

  /**
   * All compares hold and all operations happen, in one revision, or nothing does. Durable when it resolves.
   * Errors: `invalid_argument` over the limits; `unavailable` or `deadline_exceeded` when the outcome is not known.
   */
  commit(commit: Commit, signal?: AbortSignal): Promise<CommitResult>

  /** A lease that ends `ttlSeconds` after its last renewal; keys put under it end with it. */
  grantLease(ttlSeconds: number, signal?: AbortSignal): Promise<LeaseId>

  /** Renews; resolves to false when the lease is already gone. Send-time counts, not answer-time, for whoever reasons about its end. */
  renewLease(lease: LeaseId, signal?: AbortSignal): Promise<boolean>

  /** Ends a lease now, and its keys with it. A lease that is gone is no error. */
  revokeLease(lease: LeaseId, signal?: AbortSignal): Promise<void>

  /** Time left of a lease in milliseconds; undefined when it is gone. */
  leaseRemainingMs(lease: LeaseId, signal?: AbortSignal): Promise<number | undefined>

  /**
   * Every change of the range from `fromRevision` on (inclusive), in order, a batch being whole commits. Ends with an error of its own:
   * `CompactedError` when that revision is no longer kept (read again, then watch from the read's revision + 1), `unavailable` when
   * the connection broke or fell silent. A batch with no changes is a sign of life only.
   */
  watch(range: Range, fromRevision: Revision, signal: AbortSignal): AsyncIterable<WatchBatch>

  readonly limits: StoreLimits
  close(): Promise<void>
}

export type Revision = bigint
export type LeaseId = bigint

export type Range = { readonly prefix: string } | { readonly key: string }

export interface Entry {
  readonly key: string
  readonly value: string
  readonly createRevision: Revision
  readonly modRevision: Revision
  /** 0n when the key has no lease. */
  readonly lease: LeaseId
}

export interface ReadResult {
  readonly revision: Revision
  readonly entries: readonly Entry[]
}

/** `modRevision: 0n` or `createRevision: 0n` = the key must not exist. */
export type Compare =
  { readonly key: string; readonly modRevision: Revision } | { readonly key: string; readonly createRevision: Revision }

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly lease?: LeaseId }
  | { readonly kind: 'delete'; readonly key: string }

export interface Commit {
  readonly compares?: readonly Compare[]
  readonly operations: readonly Operation[]
}

/** `conflict`: a compare did not hold, nothing was written. */
export type CommitResult =
  | { readonly kind: 'committed'; readonly revision: Revision }
  | { readonly kind: 'conflict'; readonly revision: Revision }

export type Change =
  | { readonly kind: 'put'; readonly entry: Entry }
  | { readonly kind: 'delete'; readonly key: string; readonly modRevision: Revision }

export interface WatchBatch {
  /** Everything up to this revision has been delivered. */
  readonly revision: Revision
  readonly changes: readonly Change[]
}

export interface StoreLimits {
  /** Compares plus operations in one commit. */
  readonly maxOperations: number
  /** Bytes of keys and values in one commit. */
  readonly maxBytes: number
}

/** A watch asked for a revision that is no longer kept. */
export class CompactedError extends Error {
  readonly compactRevision: Revision

  constructor(compactRevision: Revision) {
    super(`revisions before ${compactRevision.toString()} are compacted: read again`)
    this.name = 'CompactedError'
    this.compactRevision = compactRevision
  }
}

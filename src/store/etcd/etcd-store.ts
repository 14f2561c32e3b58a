import { status } from '@grpc/grpc-js'
import type { Clock } from '../../lib/clock.ts'
import { FlotaError } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { checkCommit, storeLimits } from '../limits.ts'
import { leaseGone, storeClosed } from '../store-errors.ts'
import { CompactedError } from '../store.ts'
import type { Commit, CommitResult, Entry, LeaseId, Range, ReadResult, Revision, Store, WatchBatch } from '../store.ts'
import { Caller } from './caller.ts'
import { Connections, type EtcdTls } from './connections.ts'
import { CallError, toFlotaError } from './etcd-errors.ts'
import type { RangeResponse, ResponseHeader } from './generated/etcd.ts'
import { toEntry, toKeyRange, toTxn } from './messages.ts'
import { methods, type Method } from './methods.ts'
import { watchRange } from './watch.ts'

export interface EtcdOptions {
  /** Client URLs of members, the preferred one first. */
  readonly endpoints: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly tls?: EtcdTls
  /** Every call ends by then. */
  readonly requestTimeoutMs?: number
  /** A watch is given up when it hears nothing for three times this long. */
  readonly progressEveryMs?: number
}

/** What a member says of itself. */
export interface EtcdStatus {
  readonly version: string
  /** Raft's term: another one means that the members elected a leader in between. */
  readonly term: bigint
  /** The member that leads; undefined when there is none. */
  readonly leader: bigint | undefined
}

export interface EtcdStore extends Store {
  /** Raft's term as the last answers told it; undefined before the first. Costs no request. */
  readonly term: bigint | undefined
  /** Follows a change of the cluster's members. Calls under way at an endpoint that is left out may fail as unavailable. */
  updateEndpoints(endpoints: readonly string[]): void
  /** Where the voting members that have started say they serve clients, sorted. */
  memberClientUrls(signal?: AbortSignal): Promise<readonly string[]>
  status(signal?: AbortSignal): Promise<EtcdStatus>
}

const defaultRequestTimeoutMs = 4_000
const defaultProgressEveryMs = 2_000
const pageSize = 500n

export function createEtcdStore(options: EtcdOptions): EtcdStore {
  return new EtcdClientStore(options)
}

class EtcdClientStore implements EtcdStore {
  readonly limits = storeLimits
  readonly #options: EtcdOptions
  readonly #connections: Connections
  readonly #caller: Caller
  readonly #closing = new AbortController()
  #term: bigint | undefined

  constructor(options: EtcdOptions) {
    const { endpoints, tls, clock, requestTimeoutMs = defaultRequestTimeoutMs } = options
    this.#options = options
    this.#connections = new Connections(endpoints, tls)
    this.#caller = new Caller({ connections: this.#connections, clock, requestTimeoutMs })
  }

  get term(): bigint | undefined {
    return this.#term
  }

  /** In pages, all of them at the revision of the first; anew when that one is compacted in between. */
  async read(range: Range, signal?: AbortSignal): Promise<ReadResult> {
    for (;;) {
      try {
        return await this.#readPages(range, signal)
      } catch (error) {
        if (!(error instanceof CompactedError)) throw error
        this.#options.log.debug('Read begins again: its revision was compacted', { revision: error.compactRevision })
      }
    }
  }

  async #readPages(range: Range, signal: AbortSignal | undefined): Promise<ReadResult> {
    const entries: Entry[] = []
    const { key: first, rangeEnd } = toKeyRange(range)
    let [key, revision] = [first, 0n]
    for (;;) {
      const page = await this.#readPage({ key, rangeEnd, limit: pageSize, revision }, signal)
      if (revision === 0n) revision = revisionIn(page.header)
      entries.push(...page.kvs.map(toEntry))
      const last = page.kvs.at(-1)
      if (!page.more || last === undefined) return { revision, entries }
      key = Buffer.concat([last.key, Buffer.alloc(1)])
    }
  }

  async #readPage(request: Parameters<typeof methods.range.encode>[0], signal?: AbortSignal): Promise<RangeResponse> {
    try {
      return await this.#call('read from', methods.range, { request, signal })
    } catch (error) {
      if (hasStatus(error, status.OUT_OF_RANGE)) throw new CompactedError(request.revision)
      throw error
    }
  }

  async commit(commit: Commit, signal?: AbortSignal): Promise<CommitResult> {
    checkCommit(commit)
    try {
      const { succeeded, header } = await this.#call('commit to', methods.txn, { request: toTxn(commit), signal })
      return { kind: succeeded ? 'committed' : 'conflict', revision: revisionIn(header) }
    } catch (error) {
      const leases = commit.operations.flatMap((operation) => ('lease' in operation ? operation.lease : []))
      if (hasStatus(error, status.NOT_FOUND)) throw leaseGone(leases[0] ?? 0n)
      throw error
    }
  }

  async grantLease(ttlSeconds: number, signal?: AbortSignal): Promise<LeaseId> {
    const request = { TTL: BigInt(Math.ceil(ttlSeconds)), ID: 0n }
    const { ID, error } = await this.#call('get a lease from', methods.leaseGrant, { request, signal })
    if (error !== '') throw new FlotaError('unavailable', `Cannot get a lease from etcd: ${error}`)
    return ID
  }

  async renewLease(lease: LeaseId, signal?: AbortSignal): Promise<boolean> {
    const request = { ID: lease }
    const { TTL } = await this.#call('renew a lease at', methods.leaseKeepAlive, { request, signal })
    return TTL > 0n
  }

  async revokeLease(lease: LeaseId, signal?: AbortSignal): Promise<void> {
    try {
      await this.#call('revoke a lease at', methods.leaseRevoke, { request: { ID: lease }, signal })
    } catch (error) {
      if (!hasStatus(error, status.NOT_FOUND)) throw error
    }
  }

  async leaseRemainingMs(lease: LeaseId, signal?: AbortSignal): Promise<number | undefined> {
    const request = { ID: lease }
    const { TTL } = await this.#call('look up a lease at', methods.leaseTimeToLive, { request, signal })
    return TTL < 0n ? undefined : Number(TTL) * 1_000
  }

  async *watch(range: Range, fromRevision: Revision, signal: AbortSignal): AsyncGenerator<WatchBatch> {
    this.#checkOpen()
    const { clock, progressEveryMs = defaultProgressEveryMs } = this.#options
    try {
      yield* watchRange(range, fromRevision < 1n ? 1n : fromRevision, {
        connections: this.#connections,
        clock,
        signal: AbortSignal.any([signal, this.#closing.signal]),
        connectTimeoutMs: this.#options.requestTimeoutMs ?? defaultRequestTimeoutMs,
        progressEveryMs,
        silentAfterMs: progressEveryMs * 3,
      })
    } catch (error) {
      throw error instanceof CallError ? toFlotaError(error, 'watch') : error
    }
    if (!signal.aborted) throw storeClosed()
  }

  updateEndpoints(endpoints: readonly string[]): void {
    this.#checkOpen()
    this.#connections.update(endpoints)
  }

  async memberClientUrls(signal?: AbortSignal): Promise<readonly string[]> {
    const request = { linearizable: true }
    const { members } = await this.#call('list the members of', methods.memberList, { request, signal })
    return members
      .filter(({ isLearner }) => !isLearner)
      .flatMap(({ clientURLs }) => clientURLs)
      .sort()
  }

  async status(signal?: AbortSignal): Promise<EtcdStatus> {
    const { version, leader, raftTerm } = await this.#call('ask', methods.status, { request: {}, signal })
    return { version, term: raftTerm, leader: leader === 0n ? undefined : leader }
  }

  async close(): Promise<void> {
    this.#closing.abort(storeClosed())
    this.#caller.close()
    this.#connections.close()
    return Promise.resolve()
  }

  async #call<Q, A extends Answer>(doing: string, method: Method<Q, A>, { request, signal }: Asked<Q>): Promise<A> {
    this.#checkOpen()
    try {
      const answer = await this.#caller.call(method, request, signal)
      this.#noteTerm(answer.header)
      return answer
    } catch (error) {
      if (!signal?.aborted) this.#checkOpen()
      throw error instanceof CallError ? toFlotaError(error, doing) : error
    }
  }

  /** A member that is behind may still tell an earlier one. */
  #noteTerm(header: ResponseHeader | undefined): void {
    if (header !== undefined && header.raftTerm > (this.#term ?? 0n)) this.#term = header.raftTerm
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw storeClosed()
  }
}

interface Answer {
  readonly header?: ResponseHeader | undefined
}

interface Asked<Q> {
  readonly request: Q
  readonly signal: AbortSignal | undefined
}

const revisionIn = (header: ResponseHeader | undefined): Revision => header?.revision ?? 0n

const hasStatus = (error: unknown, code: status): boolean =>
  error instanceof FlotaError && error.cause instanceof CallError && error.cause.status === code

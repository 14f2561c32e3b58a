import type { Clock } from '../../src/lib/clock.ts'
import { FlotaError } from '../../src/lib/errors.ts'
import type {
  Commit,
  CommitResult,
  LeaseId,
  Range,
  ReadResult,
  Revision,
  Store,
  StoreLimits,
  WatchBatch,
} from '../../src/store/store.ts'

/** One machine's way to the store that all share: it can be cut, and it can be slow. */
export class LinkedStore implements Store {
  readonly limits: StoreLimits
  /** How long each call takes. */
  delayMs = 0
  readonly #store: Store
  readonly #clock: Clock
  #cut = new AbortController()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.limits = store.limits
  }

  cut(): void {
    this.#cut.abort(new FlotaError('unavailable', 'Cannot reach the store: the link is cut'))
  }

  heal(): void {
    if (this.#cut.signal.aborted) this.#cut = new AbortController()
  }

  read(range: Range, signal?: AbortSignal): Promise<ReadResult> {
    return this.#over(() => this.#store.read(range, signal), signal)
  }

  commit(commit: Commit, signal?: AbortSignal): Promise<CommitResult> {
    return this.#over(() => this.#store.commit(commit, signal), signal)
  }

  grantLease(ttlSeconds: number, signal?: AbortSignal): Promise<LeaseId> {
    return this.#over(() => this.#store.grantLease(ttlSeconds, signal), signal)
  }

  renewLease(lease: LeaseId, signal?: AbortSignal): Promise<boolean> {
    return this.#over(() => this.#store.renewLease(lease, signal), signal)
  }

  revokeLease(lease: LeaseId, signal?: AbortSignal): Promise<void> {
    return this.#over(() => this.#store.revokeLease(lease, signal), signal)
  }

  leaseRemainingMs(lease: LeaseId, signal?: AbortSignal): Promise<number | undefined> {
    return this.#over(() => this.#store.leaseRemainingMs(lease, signal), signal)
  }

  async *watch(range: Range, fromRevision: Revision, signal: AbortSignal): AsyncIterable<WatchBatch> {
    const cut = this.#cut.signal
    cut.throwIfAborted()
    yield* this.#store.watch(range, fromRevision, AbortSignal.any([signal, cut]))
    cut.throwIfAborted()
  }

  /** The store is everybody's: it stays open. */
  close(): Promise<void> {
    return Promise.resolve()
  }

  async #over<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const cut = this.#cut.signal
    cut.throwIfAborted()
    if (this.delayMs > 0) await this.#clock.sleep(this.delayMs, signal)
    cut.throwIfAborted()
    const answer = await call()
    // Done, but the answer is lost on the way.
    cut.throwIfAborted()
    return answer
  }
}

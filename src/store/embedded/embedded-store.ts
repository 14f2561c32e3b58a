import type { Clock } from '../../lib/clock.ts'
import { FlotaError } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { Wake } from '../../lib/reconcile.ts'
import { checkCommit, storeLimits } from '../limits.ts'
import { storeClosed } from '../store-errors.ts'
import type { Commit, CommitResult, LeaseId, Range, ReadResult, Revision, Store, WatchBatch } from '../store.ts'
import { Disk } from './disk.ts'
import { Draft } from './draft.ts'
import { GroupWriter } from './group-writer.ts'
import { History, type HistoryLimits } from './history.ts'
import { LeaseDeadlines } from './lease-deadlines.ts'
import type { Outcome, State } from './state.ts'

export interface EmbeddedOptions {
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
  readonly history?: HistoryLimits
}

const defaultHistory: HistoryLimits = { maxRevisions: 5_000, maxChars: 8_000_000 }

/** The store of a single machine: all of it in memory, every change on disk before it is seen or answered. */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<Store> {
  const disk = await Disk.open(options.directory)
  try {
    return new EmbeddedStore(options, disk, await disk.load())
  } catch (error) {
    await disk.close()
    throw error
  }
}

class EmbeddedStore implements Store {
  readonly limits = storeLimits
  readonly #options: EmbeddedOptions
  readonly #deadlines: LeaseDeadlines
  readonly #history: History
  readonly #writer: GroupWriter
  readonly #closing = new AbortController()
  readonly #leaseGranted = new Wake()
  readonly #expiring: Promise<void>
  #disk: Disk
  #state: State
  #closed: Promise<void> | undefined

  constructor(options: EmbeddedOptions, disk: Disk, state: State) {
    this.#options = options
    this.#disk = disk
    this.#state = state
    this.#deadlines = new LeaseDeadlines(options.clock)
    this.#history = new History(state.revision, options.history ?? defaultHistory)
    this.#writer = new GroupWriter({
      startDraft: () => this.#startDraft(),
      write: (outcome) => this.#disk.write(outcome),
      apply: (outcome) => this.#apply(outcome),
      recover: () => this.#recover(),
    })
    this.#startAllLeases()
    this.#expiring = this.#expireForever(this.#closing.signal)
  }

  async read(range: Range, signal?: AbortSignal): Promise<ReadResult> {
    this.#enter(signal)
    return Promise.resolve(this.#state.read(range))
  }

  async commit(commit: Commit, signal?: AbortSignal): Promise<CommitResult> {
    this.#enter(signal)
    checkCommit(commit)
    return this.#writer.submit((draft) => draft.commit(commit))
  }

  async grantLease(ttlSeconds: number, signal?: AbortSignal): Promise<LeaseId> {
    this.#enter(signal)
    return this.#writer.submit((draft) => draft.grant(ttlSeconds))
  }

  async renewLease(lease: LeaseId, signal?: AbortSignal): Promise<boolean> {
    this.#enter(signal)
    return Promise.resolve(this.#deadlines.renew(lease))
  }

  async revokeLease(lease: LeaseId, signal?: AbortSignal): Promise<void> {
    this.#enter(signal)
    await this.#writer.submit((draft) => draft.revoke(lease))
  }

  async leaseRemainingMs(lease: LeaseId, signal?: AbortSignal): Promise<number | undefined> {
    this.#enter(signal)
    return Promise.resolve(this.#deadlines.remainingMs(lease))
  }

  async *watch(range: Range, fromRevision: Revision, signal: AbortSignal): AsyncGenerator<WatchBatch> {
    this.#enter()
    yield* this.#history.watch(range, fromRevision, AbortSignal.any([signal, this.#closing.signal]))
    if (!signal.aborted) throw storeClosed()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await this.#writer.close()
    await this.#expiring
    await this.#disk.close()
  }

  #enter(signal?: AbortSignal): void {
    signal?.throwIfAborted()
    if (this.#closing.signal.aborted) throw storeClosed()
  }

  /** Leases whose time is over end first, so that no commit of this group can lean on one of them. */
  #startDraft(): Draft {
    const draft = new Draft(this.#state)
    for (const lease of this.#deadlines.due()) draft.revoke(lease)
    return draft
  }

  #apply(outcome: Outcome): void {
    this.#state.apply(outcome)
    for (const [lease, ttlSeconds] of outcome.leases) {
      if (ttlSeconds === undefined) this.#deadlines.stop(lease)
      else this.#deadlines.start(lease, ttlSeconds)
    }
    if ([...outcome.leases.values()].some((ttlSeconds) => ttlSeconds !== undefined)) this.#leaseGranted.ring()
    this.#history.push(outcome.revised)
  }

  /** LevelDB refuses every write after a failed one until it is opened again; what the failed one left is read from disk. */
  async #recover(): Promise<void> {
    const { directory, log } = this.#options
    await this.#disk.close()
    try {
      this.#disk = await Disk.open(directory)
      this.#state = await this.#disk.load()
    } catch (cause) {
      throw new FlotaError('unavailable', `Cannot open store '${directory}' again after a failed write`, { cause })
    }
    log.warn('Store opened again after a failed write', { directory, revision: this.#state.revision })
    this.#history.restart(this.#state.revision)
    this.#startAllLeases()
  }

  #startAllLeases(): void {
    this.#deadlines.clear()
    for (const [lease, ttlSeconds] of this.#state.leases) this.#deadlines.start(lease, ttlSeconds)
  }

  /** A group ends what is due, so an empty call is enough. A failed write is tried again after a pause. */
  async #expireForever(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#nextExpiry(signal)
      if (signal.aborted) return
      if (this.#deadlines.due().length === 0) continue
      await this.#writer
        .submit(() => undefined)
        .catch(() => this.#options.clock.sleep(1_000, signal))
        .catch(() => {})
    }
  }

  async #nextExpiry(signal: AbortSignal): Promise<void> {
    this.#leaseGranted.clear()
    const inMs = this.#deadlines.nextDueInMs()
    const over = new AbortController()
    const end = () => over.abort()
    signal.addEventListener('abort', end, { once: true })
    const waits = [this.#leaseGranted.rung(over.signal)]
    if (inMs !== undefined) waits.push(this.#options.clock.sleep(inMs, over.signal).catch(() => {}))
    await Promise.race(waits)
    signal.removeEventListener('abort', end)
    over.abort()
  }
}

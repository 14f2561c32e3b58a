import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { reconcileForever, Wake } from '../lib/reconcile.ts'
import type { MachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { followRange } from '../store/feed.ts'
import { keys } from '../store/keys.ts'
import type { LeaseId, Revision, Store } from '../store/store.ts'
import type { Fence } from './commits.ts'

/** Three missed renewals; less, and an election in etcd unseats a healthy leader. */
const leaseSeconds = 3
const renewEveryMs = 1_000

export interface LeaderOptions {
  readonly store: Store
  readonly machine: MachineId
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Raft's term of the store, as last heard; another one = its members elected. Absent where there are no elections. */
  readonly storeTerm?: () => bigint | undefined
  /** Called when this process begins or ceases to lead. */
  readonly onChange: () => void
}

interface Term {
  readonly lease: LeaseId
  readonly fence: Fence
  /** By the monotonic clock; counted from when the last renewal was sent, so never later than the store's own end. */
  untilMs: number
}

/** One candidate for the leader key. Whoever made the key leads, until its lease ends or the key is another's. */
export class Leader {
  readonly #options: LeaderOptions
  readonly #wake = new Wake()
  /** Whether somebody holds the key; undefined while nobody can say. */
  #isHeld: boolean | undefined
  #term: Term | undefined
  #troubleAtMs: number | undefined
  #storeTerm: bigint | undefined

  constructor(options: LeaderOptions) {
    this.#options = options
  }

  /** What every commit of the engine must compare; undefined when this process may not believe that it leads. */
  fence(): Fence | undefined {
    const term = this.#term
    return term !== undefined && this.#options.clock.nowMs() < term.untilMs ? term.fence : undefined
  }

  /** When this process last failed to reach the store, or saw that its members had elected: others may have been cut off too, and need time to come back. */
  get troubleAtMs(): number | undefined {
    return this.#troubleAtMs
  }

  /** Campaigns and holds until the signal aborts, then resigns, so that another leads at once. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log, random } = this.#options
    const following = followRange(
      store,
      { key: keys.leader },
      {
        onReset: (entries, revision) => this.#see(entries[0]?.createRevision, revision),
        onChanges: (changes, revision) => {
          const change = changes.at(-1)
          if (change !== undefined) this.#see(change.kind === 'put' ? change.entry.createRevision : undefined, revision)
        },
        onLost: () => this.#noteTrouble(),
        clock,
        log,
        random,
        signal,
      },
    )
    const options = { name: 'leader', wake: this.#wake, everyMs: renewEveryMs, clock, log, random, signal }
    await reconcileForever(() => this.#pass(signal), options)
    await following
    await this.#resign()
  }

  /** A failure is for the next try a moment later: a backoff could outlast the lease. */
  async #pass(signal: AbortSignal): Promise<void> {
    try {
      if (this.#term !== undefined) await this.#renew(this.#term, signal)
      else if (this.#isHeld === false) await this.#campaign(signal)
    } catch (error) {
      if (signal.aborted) return
      this.#noteTrouble()
      this.#options.log.debug('Leader lease cannot be kept now', { error })
    }
  }

  async #renew(term: Term, signal: AbortSignal): Promise<void> {
    const sentAtMs = this.#options.clock.nowMs()
    const isAlive = await this.#options.store.renewLease(term.lease, signal)
    this.#noteElection()
    if (!isAlive) this.#step(undefined)
    else if (this.#term === term) {
      const wasLeading = this.fence() !== undefined
      term.untilMs = sentAtMs + leaseSeconds * 1_000
      if (!wasLeading) this.#options.onChange()
    }
  }

  async #campaign(signal: AbortSignal): Promise<void> {
    const { store, clock, machine, version } = this.#options
    const sentAtMs = clock.nowMs()
    const lease = await store.grantLease(leaseSeconds, signal)
    const value = codecs.leader.encode({ machine, version })
    const result = await store.commit(
      {
        compares: [{ key: keys.leader, createRevision: 0n }],
        operations: [{ kind: 'put', key: keys.leader, value, lease }],
      },
      signal,
    )
    if (result.kind === 'conflict') {
      this.#isHeld = true
      await store.revokeLease(lease, signal)
      return
    }
    this.#storeTerm = this.#options.storeTerm?.()
    const fence = { key: keys.leader, createRevision: result.revision }
    this.#step({ lease, fence, untilMs: sentAtMs + leaseSeconds * 1_000 })
  }

  #see(createRevision: Revision | undefined, revision: Revision): void {
    this.#isHeld = createRevision !== undefined
    const own = this.#term?.fence.createRevision
    if (own !== undefined && revision >= own && createRevision !== own) this.#step(undefined)
    if (!this.#isHeld) this.#wake.ring()
  }

  #step(term: Term | undefined): void {
    const { log, machine, onChange } = this.#options
    this.#term = term
    log.info(term === undefined ? 'Leads no more' : 'Leads', { machine })
    onChange()
  }

  async #resign(): Promise<void> {
    const term = this.#term
    this.#term = undefined
    // When it fails, the lease ends by itself.
    if (term !== undefined) await this.#options.store.revokeLease(term.lease).catch(() => {})
  }

  #noteElection(): void {
    const storeTerm = this.#options.storeTerm?.()
    if (storeTerm !== this.#storeTerm) this.#noteTrouble()
    this.#storeTerm = storeTerm
  }

  #noteTrouble(): void {
    this.#troubleAtMs = this.#options.clock.nowMs()
  }
}

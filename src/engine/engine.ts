import { isDirty, mergeDirty, nothingDirty, type Dirty } from '../cluster/dirty.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { reconcileForever, Wake } from '../lib/reconcile.ts'
import { Metrics } from '../lib/metrics.ts'
import type { MachineId } from '../machine/machine.ts'
import type { ClusterFeed } from '../store/cluster-feed.ts'
import type { Commit, Revision, Store } from '../store/store.ts'
import { toCommits, type Fence } from './commits.ts'
import type { Plan } from './decision.ts'
import { EngineMetrics } from './engine-metrics.ts'
import { Leader } from './leader.ts'
import { initialLiveness, judgeLiveness, observeLiveness, type LivenessState } from './liveness.ts'
import { plan } from './plan.ts'

export interface EngineOptions {
  readonly store: Store
  readonly feed: ClusterFeed
  readonly machine: MachineId
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Raft's term of the store, as last heard; another one = its members elected. Absent where there are no elections. */
  readonly storeTerm?: () => bigint | undefined
  /** Where it counts what it does; absent where nobody reads it. */
  readonly metrics?: Metrics
}

/** After a lost race, before looking again. */
const retryAfterMs = 50

/** What the engine knows while it leads one term; a new term starts from nothing. */
interface Term {
  readonly fence: Fence
  liveness: LivenessState
  gapCount: number
  lost: ReadonlySet<MachineId>
  dirty: Dirty
}

/** Candidate for leading on every machine; the one that leads plans and commits, and does nothing else. */
export class Engine {
  readonly #options: EngineOptions
  readonly #leader: Leader
  readonly #wake = new Wake()
  readonly #metrics: EngineMetrics
  #term: Term | undefined
  #alarm: AbortController | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#metrics = new EngineMetrics(options.metrics ?? new Metrics(), options.clock)
    this.#leader = new Leader({ ...options, onChange: () => this.#wake.ring() })
  }

  /** True while this process leads, by its own clock. */
  get isLeading(): boolean {
    return this.#leader.fence() !== undefined
  }

  /** Runs until the signal aborts; never rejects for what the store or the cluster does. */
  async run(signal: AbortSignal): Promise<void> {
    const { feed, clock, log, random } = this.#options
    const stopListening = feed.onChange((dirty) => this.#note(dirty))
    const leading = this.#leader.run(signal)
    await reconcileForever(() => this.#pass(signal), { name: 'engine', wake: this.#wake, clock, log, random, signal })
    stopListening()
    this.#endTerm()
    await leading
  }

  #note(dirty: Dirty): void {
    if (this.#term === undefined) return
    this.#term.dirty = mergeDirty(this.#term.dirty, dirty)
    this.#wake.ring()
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const fence = this.#leader.fence()
    if (fence === undefined) {
      this.#endTerm()
      return
    }
    if (this.#term?.fence.createRevision !== fence.createRevision) await this.#beginTerm(fence, signal)
    const term = this.#term
    if (term === undefined || !this.#options.feed.isCurrent) return
    this.#judge(term)
    if (isDirty(term.dirty)) await this.#metrics.measure(() => this.#planAndCommit(term, signal))
  }

  /** Only the leader holds a view of everything. */
  async #beginTerm(fence: Fence, signal: AbortSignal): Promise<void> {
    this.#endTerm()
    const { feed } = this.#options
    this.#term = { fence, liveness: initialLiveness, gapCount: 0, lost: new Set(), dirty: 'everything' }
    this.#metrics.leads(true)
    await feed.acquire(signal)
    this.#term.gapCount = feed.gapCount
  }

  #endTerm(): void {
    this.#alarm?.abort()
    if (this.#term === undefined) return
    this.#metrics.leads(false)
    this.#options.feed.release()
    this.#term = undefined
  }

  /** Who is lost may change by time alone: the alarm wakes a pass for the next one in doubt. */
  #judge(term: Term): void {
    const { feed, clock, log } = this.#options
    const nowMs = clock.nowMs()
    term.liveness = observeLiveness(term.liveness, { view: feed.view, nowMs, gapAtMs: this.#gapAtMs(term, nowMs) })
    const { lost, nextAtMs } = judgeLiveness(term.liveness, nowMs)
    const changed = [...lost, ...term.lost].filter((id) => lost.has(id) !== term.lost.has(id))
    for (const machine of changed) log.info(lost.has(machine) ? 'Machine lost' : 'Machine returned', { machine })
    term.dirty = mergeDirty(term.dirty, { units: new Set(), machines: new Set(changed) })
    term.lost = lost
    this.#setAlarm(nextAtMs === undefined ? undefined : nextAtMs - nowMs)
  }

  /** The leader's own trouble may have kept other machines from renewing, too. */
  #gapAtMs(term: Term, nowMs: number): number | undefined {
    const { gapCount } = this.#options.feed
    const isNew = gapCount !== term.gapCount
    term.gapCount = gapCount
    return isNew ? nowMs : this.#leader.troubleAtMs
  }

  #setAlarm(inMs: number | undefined): void {
    this.#alarm?.abort()
    this.#alarm = undefined
    if (inMs === undefined) return
    const alarm = new AbortController()
    this.#alarm = alarm
    this.#options.clock.sleep(inMs, alarm.signal).then(
      () => this.#wake.ring(),
      () => {},
    )
  }

  /** Resolves to false when somebody else was faster, and it is to be planned again. */
  async #planAndCommit(term: Term, signal: AbortSignal): Promise<boolean> {
    const { store, feed, clock } = this.#options
    const { dirty } = term
    term.dirty = nothingDirty
    try {
      const decided = plan(feed.view, dirty, { lost: term.lost })
      const commits = toCommits(decided, { view: feed.view, fence: term.fence, limits: store.limits })
      const { isComplete, revision } = await this.#commitAll(commits, signal)
      if (isComplete) this.#report(decided)
      else this.#note(dirty)
      // Planning on a view without the own commits would only lose against them.
      if (revision > 0n) await feed.waitForRevision(revision, signal)
      // What won is on its way to the view; its revision is not known, as others may use the same store.
      if (!isComplete) await clock.sleep(retryAfterMs, signal)
      return isComplete
    } catch (error) {
      this.#note(dirty)
      throw error
    }
  }

  /** `revision`: of the last commit that was taken. One that lost does not stop those after it: each is safe by itself. */
  async #commitAll(
    commits: readonly Commit[],
    signal: AbortSignal,
  ): Promise<{ isComplete: boolean; revision: Revision }> {
    let revision = 0n
    let isComplete = true
    for (const commit of commits) {
      if (this.#leader.fence() === undefined) return { isComplete: false, revision }
      const result = await this.#options.store.commit(commit, signal)
      if (result.kind === 'committed') revision = result.revision
      else isComplete = false
    }
    return { isComplete, revision }
  }

  #report({ decisions }: Plan): void {
    this.#metrics.decided(decisions)
    for (const decision of decisions) {
      const { kind, unit } = decision
      const machine = 'machine' in decision ? decision.machine : undefined
      const reason = 'record' in decision ? decision.record.reason : decision.reason
      this.#options.log.info('Decided', { kind, unit, machine, reason })
    }
  }
}

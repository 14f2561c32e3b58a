import type { Dirty } from '../cluster/dirty.ts'
import { LiveView } from '../cluster/live-view.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { toClusterChange, toClusterChanges } from './cluster-changes.ts'
import { followRange } from './feed.ts'
import { keyPrefix } from './keys.ts'
import type { Change, Entry, Revision, Store } from './store.ts'

export interface ClusterFeedOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** How long the feed goes on after nobody needs it, so that the next asker finds it current. */
  readonly idleMs?: number
}

interface FeedRun {
  readonly stop: AbortController
  readonly ended: Promise<void>
}

export type DirtyListener = (dirty: Dirty) => void

/**
 * One view of the whole cluster for everybody in this process who needs one: engine, API, balancer. It costs the store nothing
 * while nobody holds it: `acquire` starts it, the last `release` stops it after a while.
 */
export class ClusterFeed {
  readonly view = new LiveView()
  readonly #options: ClusterFeedOptions
  readonly #listeners = new Set<DirtyListener>()
  readonly #waiters = new Set<() => void>()
  #holders = 0
  #run: FeedRun | undefined
  #idle: AbortController | undefined
  #isCurrent = false
  #gapCount = 0

  constructor(options: ClusterFeedOptions) {
    this.#options = options
  }

  /** False until the first read, and while the watch is broken: what the view says may be old. */
  get isCurrent(): boolean {
    return this.#isCurrent
  }

  /** Grows each time the view was read anew or its watch broke: what happened between is not known in its order. */
  get gapCount(): number {
    return this.#gapCount
  }

  /** Resolves once the view is current; rejects when `signal` aborts first. Each call needs its own `release`, also after a rejection. */
  async acquire(signal?: AbortSignal): Promise<void> {
    this.#holders++
    this.#idle?.abort()
    this.#idle = undefined
    this.#run ??= this.#start()
    await this.#until(() => this.#isCurrent, signal)
  }

  release(): void {
    this.#holders--
    if (this.#holders > 0 || this.#run === undefined) return
    const idle = new AbortController()
    this.#idle = idle
    const stop = () => {
      if (!idle.signal.aborted) void this.#stop()
    }
    this.#options.clock.sleep(this.#options.idleMs ?? 60_000, idle.signal).then(stop, () => {})
  }

  /** Called after each change of the view, in the same turn. Returns how to stop it. */
  onChange(listener: DirtyListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves once the view is current and at this revision or later. */
  async waitForRevision(revision: Revision, signal?: AbortSignal): Promise<void> {
    await this.#until(() => this.#isCurrent && this.view.revision >= revision, signal)
  }

  async close(): Promise<void> {
    this.#idle?.abort()
    await this.#stop()
  }

  #start(): FeedRun {
    const { store, clock, log, random } = this.#options
    const stop = new AbortController()
    const ended = followRange(
      store,
      { prefix: keyPrefix },
      {
        onReset: (entries, revision) => this.#reset(entries, revision),
        onChanges: (changes, revision) => this.#apply(changes, revision),
        onLost: () => this.#lose(),
        clock,
        log,
        random,
        signal: stop.signal,
      },
    )
    return { stop, ended }
  }

  async #stop(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    this.#isCurrent = false
    run?.stop.abort()
    await run?.ended
  }

  #reset(entries: readonly Entry[], revision: Revision): void {
    this.#gapCount++
    this.view.reset(toClusterChanges(entries, this.#onBad), revision)
    this.#tell('everything')
  }

  #apply(changes: readonly Change[], revision: Revision): void {
    const known = changes.flatMap((change) => toClusterChange(change, this.#onBad) ?? [])
    this.#tell(this.view.apply(known, revision))
  }

  #lose(): void {
    this.#gapCount++
    this.#isCurrent = false
  }

  #tell(dirty: Dirty): void {
    this.#isCurrent = true
    for (const listener of [...this.#listeners]) listener(dirty)
    for (const look of [...this.#waiters]) look()
  }

  async #until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (condition()) return
    await new Promise<void>((resolve, reject) => {
      const stop = () => end(() => reject(signal?.reason as Error))
      const look = () => {
        if (condition()) end(resolve)
      }
      const end = (settle: () => void) => {
        this.#waiters.delete(look)
        signal?.removeEventListener('abort', stop)
        settle()
      }
      this.#waiters.add(look)
      signal?.addEventListener('abort', stop)
    })
  }

  readonly #onBad = (key: string, error: unknown): void => {
    this.#options.log.error('Store value cannot be read, passing over it', { key, error })
  }
}

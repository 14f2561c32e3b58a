import type { Clock } from '../../lib/clock.ts'
import type { LeaseId } from '../store.ts'

interface Deadline {
  readonly ttlMs: number
  endsAtMs: number
}

/** When each lease ends, by the monotonic clock. Kept in memory alone: after a restart each lease has its full time again. */
export class LeaseDeadlines {
  readonly #clock: Clock
  readonly #deadlines = new Map<LeaseId, Deadline>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(lease: LeaseId, ttlSeconds: number): void {
    const ttlMs = ttlSeconds * 1_000
    this.#deadlines.set(lease, { ttlMs, endsAtMs: this.#clock.nowMs() + ttlMs })
  }

  stop(lease: LeaseId): void {
    this.#deadlines.delete(lease)
  }

  clear(): void {
    this.#deadlines.clear()
  }

  /** False when the lease has ended. */
  renew(lease: LeaseId): boolean {
    const deadline = this.#deadlines.get(lease)
    if (deadline === undefined || deadline.endsAtMs <= this.#clock.nowMs()) return false
    deadline.endsAtMs = this.#clock.nowMs() + deadline.ttlMs
    return true
  }

  remainingMs(lease: LeaseId): number | undefined {
    const deadline = this.#deadlines.get(lease)
    if (deadline === undefined) return undefined
    const remainingMs = deadline.endsAtMs - this.#clock.nowMs()
    return remainingMs > 0 ? remainingMs : undefined
  }

  /** Leases whose time is over, oldest first. */
  due(): readonly LeaseId[] {
    const nowMs = this.#clock.nowMs()
    return [...this.#deadlines].filter(([, { endsAtMs }]) => endsAtMs <= nowMs).map(([lease]) => lease)
  }

  /** Milliseconds until the next lease ends if nobody renews it; undefined when there is none. */
  nextDueInMs(): number | undefined {
    let nextMs: number | undefined
    for (const { endsAtMs } of this.#deadlines.values()) nextMs = Math.min(nextMs ?? endsAtMs, endsAtMs)
    return nextMs === undefined ? undefined : Math.max(0, nextMs - this.#clock.nowMs())
  }
}

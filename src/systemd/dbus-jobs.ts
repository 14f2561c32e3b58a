import type { UnitName } from '../unit/unit.ts'
import type { JobResult } from './systemd.ts'

export interface PendingJob {
  readonly path: string
  readonly unit: UnitName
  readonly verb: 'start' | 'stop'
}

interface Waiter extends PendingJob {
  readonly resolve: (result: JobResult) => void
  readonly reject: (error: Error) => void
}

/** Jobs that somebody waits for, by the object path systemd gave them. Two callers may wait for one job. */
export class DbusJobs {
  #waiters: readonly Waiter[] = []

  add(waiter: Waiter): void {
    this.#waiters = [...this.#waiters, waiter]
  }

  /** A job is over: JobRemoved told its result, or it was gone when we came back. */
  finish(path: string, result: JobResult): void {
    const over = this.#waiters.filter((waiter) => waiter.path === path)
    if (over.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => waiter.path !== path)
    for (const waiter of over) waiter.resolve(result)
  }

  failAll(error: Error): void {
    const all = this.#waiters
    this.#waiters = []
    for (const waiter of all) waiter.reject(error)
  }

  pending(): readonly PendingJob[] {
    return this.#waiters
  }
}

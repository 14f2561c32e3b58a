import type { Clock } from '../lib/clock.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { Decision } from './decision.ts'

const names = {
  leaderSince: 'fleet_engine_leader_start_time',
  tasks: 'fleet_engine_task_count_total',
  passes: 'fleet_engine_reconcile_count_total',
  duration: 'fleet_engine_reconcile_duration_second',
  failures: 'fleet_engine_reconcile_failure_count_total',
} as const

/** What the engine did, under the names that fleet gave to it. A task is a decision that was committed. */
export class EngineMetrics {
  readonly #metrics: Metrics
  readonly #clock: Clock

  constructor(metrics: Metrics, clock: Clock) {
    metrics.declare(
      'gauge',
      names.leaderSince,
      'Since when this machine leads the cluster, in Unix time; 0 = it does not',
    )
    metrics.declare('counter', names.tasks, 'Decisions of the engine by kind')
    metrics.declare('counter', names.passes, 'Plans that the engine made')
    metrics.declare('summary', names.duration, 'Time that planning and committing took')
    metrics.declare('counter', names.failures, 'Plans that could not be committed as a whole')
    this.#metrics = metrics
    this.#clock = clock
    metrics.set(names.leaderSince, {}, 0)
  }

  leads(isLeading: boolean): void {
    this.#metrics.set(names.leaderSince, {}, isLeading ? Math.floor(this.#clock.wall().getTime() / 1_000) : 0)
  }

  decided(decisions: readonly Decision[]): void {
    for (const { kind } of decisions) this.#metrics.add(names.tasks, { type: kind })
  }

  /** `pass` resolves to false when somebody else was faster. */
  async measure(pass: () => Promise<boolean>): Promise<void> {
    const startMs = this.#clock.nowMs()
    this.#metrics.add(names.passes)
    try {
      if (!(await pass())) this.#metrics.add(names.failures, { type: 'conflict' })
    } catch (error) {
      this.#metrics.add(names.failures, { type: 'error' })
      throw error
    } finally {
      this.#metrics.observe(names.duration, {}, (this.#clock.nowMs() - startMs) / 1_000)
    }
  }
}

import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { UnitName } from '../unit/unit.ts'

export interface RetriesOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** Some unit may be tried again. */
  readonly onDue: () => void
}

interface Failure {
  readonly attempts: number
  /** What was wanted when it failed: something else may be tried at once. */
  readonly wish: string
  readonly notBeforeMs: number
}

/** Units whose last step failed, and when each may be tried again. */
export class Retries {
  readonly #options: RetriesOptions
  readonly #failures = new Map<UnitName, Failure>()

  constructor(options: RetriesOptions) {
    this.#options = options
  }

  /** Returns how long the unit rests. */
  fail(unit: UnitName, wish: string): number {
    const { clock, random, signal, onDue } = this.#options
    const before = this.#failures.get(unit)
    const attempts = before?.wish === wish ? before.attempts + 1 : 0
    const waitMs = backoffMs(attempts, { firstMs: 200, maxMs: 30_000, random })
    this.#failures.set(unit, { attempts, wish, notBeforeMs: clock.nowMs() + waitMs })
    clock.sleep(waitMs, signal).then(onDue, () => {})
    return waitMs
  }

  /** Forgets units that nobody asks about any more. */
  keepOnly(units: ReadonlySet<UnitName>): void {
    for (const unit of this.#failures.keys()) if (!units.has(unit)) this.#failures.delete(unit)
  }

  isHeld(unit: UnitName, wish: string): boolean {
    const failure = this.#failures.get(unit)
    return failure?.wish === wish && this.#options.clock.nowMs() < failure.notBeforeMs
  }
}

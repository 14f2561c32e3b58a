import type { UnitName } from '../unit/unit.ts'

/** Work on single units that goes on beside the passes: a stop of 90 s holds up its own unit and no other. */
export class UnitJobs {
  readonly #running = new Set<UnitName>()
  readonly #onOver: (unit: UnitName) => void

  constructor(onOver: (unit: UnitName) => void) {
    this.#onOver = onOver
  }

  has(unit: UnitName): boolean {
    return this.#running.has(unit)
  }

  /** `job` ends its own errors. */
  run(unit: UnitName, job: () => Promise<void>): void {
    this.#running.add(unit)
    void job().finally(() => {
      this.#running.delete(unit)
      this.#onOver(unit)
    })
  }
}

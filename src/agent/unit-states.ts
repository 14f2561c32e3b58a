import { unknownUnit } from '../systemd/dbus-unit.ts'
import type { Systemd, SystemdUnit } from '../systemd/systemd.ts'
import type { UnitName } from '../unit/unit.ts'

/** States of this machine's units as systemd last told them; what changed since is read again by `refresh`. */
export class UnitStates {
  readonly #systemd: Systemd
  readonly #states = new Map<UnitName, SystemdUnit>()
  readonly #stale = new Set<UnitName>()

  constructor(systemd: Systemd) {
    this.#systemd = systemd
  }

  get(unit: UnitName): SystemdUnit {
    return this.#states.get(unit) ?? unknownUnit
  }

  /** Undefined = of all units. */
  markStale(unit: UnitName | undefined): void {
    if (unit !== undefined) this.#stale.add(unit)
    else for (const known of this.#states.keys()) this.#stale.add(known)
  }

  /** Reads what is stale or not known yet of these units, in one question, and forgets all others. */
  async refresh(units: ReadonlySet<UnitName>): Promise<void> {
    for (const known of this.#states.keys()) if (!units.has(known)) this.#states.delete(known)
    const wanted = [...units].filter((unit) => this.#stale.has(unit) || !this.#states.has(unit))
    this.#stale.clear()
    try {
      for (const [unit, state] of await this.#systemd.states(wanted)) this.#states.set(unit, state)
    } catch (error) {
      for (const unit of wanted) this.#stale.add(unit)
      throw error
    }
  }
}

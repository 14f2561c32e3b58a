import type { UnitName } from '../unit/unit.ts'
import type { PlanGlobs } from './plan-globs.ts'

/** The units that take room on one machine, and the globs of what each will not have beside it. */
export class PlanOccupants {
  readonly #globs: PlanGlobs
  readonly #units = new Map<UnitName, readonly string[]>()
  /** Pattern to the units here that match it, and to those that bring it; both sorted. Emptied when a unit comes. */
  readonly #matching = new Map<string, readonly UnitName[]>()
  #bearers: ReadonlyMap<string, readonly UnitName[]> | undefined

  constructor(globs: PlanGlobs) {
    this.#globs = globs
  }

  add(unit: UnitName, conflicts: readonly string[]): void {
    const known = this.#units.get(unit) ?? []
    this.#units.set(unit, [...known, ...conflicts.filter((pattern) => !known.includes(pattern))])
    this.#matching.clear()
    this.#bearers = undefined
  }

  /** A unit, other than itself, that one of the two sides excludes; always the same one. */
  findConflict(unit: UnitName, conflicts: readonly string[]): UnitName | undefined {
    for (const pattern of conflicts) {
      const matching = this.#matchingOf(pattern)
      const other = matching[0] === unit ? matching[1] : matching[0]
      if (other !== undefined) return other
    }
    for (const [pattern, bearers] of this.#bearersByPattern()) {
      const other = bearers[0] === unit ? bearers[1] : bearers[0]
      if (other !== undefined && this.#globs.matches(pattern, unit)) return other
    }
    return undefined
  }

  #matchingOf(pattern: string): readonly UnitName[] {
    const known = this.#matching.get(pattern)
    if (known !== undefined) return known
    const matching = [...this.#units.keys()].filter((name) => this.#globs.matches(pattern, name)).toSorted()
    this.#matching.set(pattern, matching)
    return matching
  }

  #bearersByPattern(): ReadonlyMap<string, readonly UnitName[]> {
    if (this.#bearers !== undefined) return this.#bearers
    const bearers = new Map<string, UnitName[]>()
    for (const [unit, patterns] of [...this.#units].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      for (const pattern of patterns) {
        const units = bearers.get(pattern)
        if (units === undefined) bearers.set(pattern, [unit])
        else units.push(unit)
      }
    }
    this.#bearers = bearers
    return bearers
  }
}

import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Versioned } from './change.ts'

const none: ReadonlyMap<never, never> = new Map<never, never>()

/** Records of (machine, unit), found from both sides. One change costs the same however many there are. */
export class PlaceIndex<T> {
  readonly #byMachine = new Map<MachineId, Map<UnitName, Versioned<T>>>()
  readonly #byUnit = new Map<UnitName, Map<MachineId, Versioned<T>>>()

  ofMachine(machine: MachineId): ReadonlyMap<UnitName, Versioned<T>> {
    return this.#byMachine.get(machine) ?? none
  }

  ofUnit(unit: UnitName): ReadonlyMap<MachineId, Versioned<T>> {
    return this.#byUnit.get(unit) ?? none
  }

  /** Returns what was there before. */
  put(machine: MachineId, unit: UnitName, record: Versioned<T> | undefined): Versioned<T> | undefined {
    const before = this.#byMachine.get(machine)?.get(unit)
    putIn(this.#byMachine, [machine, unit], record)
    putIn(this.#byUnit, [unit, machine], record)
    return before
  }
}

function putIn<A, B, V>(index: Map<A, Map<B, V>>, [outer, inner]: readonly [A, B], value: V | undefined): void {
  const found = index.get(outer)
  if (value !== undefined) {
    if (found === undefined) index.set(outer, new Map([[inner, value]]))
    else found.set(inner, value)
  } else if (found?.delete(inner) === true && found.size === 0) index.delete(outer)
}

import type { StateRecord } from '../cluster/records.ts'
import { hasCode } from '../lib/errors.ts'
import type { MachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { LeaseId, Operation, Store } from '../store/store.ts'
import type { UnitName } from '../unit/unit.ts'

/** What lies in the store of this machine's states: only changes are written, and only this machine's keys. */
export class StateReports {
  readonly #store: Store
  readonly #machine: MachineId
  #lease: LeaseId | undefined
  #reported: Map<UnitName, string> = new Map()

  constructor(store: Store, machine: MachineId) {
    this.#store = store
    this.#machine = machine
  }

  /**
   * Makes the reports equal to `states`, in as few commits as the store's limits allow. Under another lease than before everything is
   * put again. Resolves to false when that lease has ended.
   */
  async publish(states: ReadonlyMap<UnitName, StateRecord>, lease: LeaseId, signal?: AbortSignal): Promise<boolean> {
    if (lease !== this.#lease) this.#reported = new Map()
    this.#lease = lease
    const changes = this.#changes(states)
    const { maxOperations } = this.#store.limits
    for (let from = 0; from < changes.length; from += maxOperations) {
      const part = changes.slice(from, from + maxOperations)
      const operations = part.map(([unit, value]) => this.#operation(unit, value, lease))
      if (!(await this.#commit(operations, signal))) return false
      for (const [unit, value] of part) {
        if (value === undefined) this.#reported.delete(unit)
        else this.#reported.set(unit, value)
      }
    }
    return true
  }

  /** Sorted; no value = the unit is gone. */
  #changes(states: ReadonlyMap<UnitName, StateRecord>): readonly (readonly [UnitName, string | undefined])[] {
    const values = [...states].map(([unit, state]) => [unit, codecs.state.encode(state)] as const)
    const changed = values.filter(([unit, value]) => this.#reported.get(unit) !== value)
    const gone = [...this.#reported.keys()]
      .filter((unit) => !states.has(unit))
      .map((unit) => [unit, undefined] as const)
    return [...changed, ...gone].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  #operation(unit: UnitName, value: string | undefined, lease: LeaseId): Operation {
    const key = keys.state(this.#machine, unit)
    return value === undefined ? { kind: 'delete', key } : { kind: 'put', key, value, lease }
  }

  async #commit(operations: readonly Operation[], signal?: AbortSignal): Promise<boolean> {
    try {
      await this.#store.commit({ operations }, signal)
      return true
    } catch (error) {
      if (hasCode(error, 'not_found')) return false
      throw error
    }
  }
}

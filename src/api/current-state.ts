import type { ScheduleRecord, StateRecord } from '../cluster/records.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'
import type { DesiredState, UnitName } from '../unit/unit.ts'

export interface Place {
  readonly machine: MachineId
  readonly schedule: ScheduleRecord
}

const phases = ['placed', 'draining', 'leaving']

/** Where a unit is or goes: while it moves, the new place. Sorted, so that every reader gives the same answer. */
export function placesOf(view: ClusterView, unit: UnitName): readonly Place[] {
  return [...view.placesOf(unit)]
    .map(([machine, { value }]) => ({ machine, schedule: value }))
    .toSorted((a, b) => rank(a) - rank(b) || (a.machine < b.machine ? -1 : 1))
}

const rank = (place: Place): number => phases.indexOf(place.schedule.phase)

export function placeOf(view: ClusterView, unit: UnitName): Place | undefined {
  return placesOf(view, unit)[0]
}

/**
 * fleet's current state: `inactive` until the machine it is placed on has reported it; `launched` when that machine was asked to start
 * it, in the generation that is wanted now; else `loaded`. A global unit has none.
 */
export function currentStateOf(view: ClusterView, name: UnitName): DesiredState | undefined {
  const unit = view.units.get(name)?.value
  if (unit === undefined) return undefined
  if (view.requirementsOf(name, unit.hash)?.isGlobal === true) return undefined
  const place = placeOf(view, name)
  const state = place && view.statesOf(name).get(place.machine)?.value
  if (state === undefined || state.hash !== unit.hash) return 'inactive'
  return isLaunched(state, unit) ? 'launched' : 'loaded'
}

function isLaunched(state: StateRecord, unit: { desired: DesiredState; generation: number }): boolean {
  return unit.desired === 'launched' && state.generation === unit.generation
}

import type { StateRecord } from '../cluster/records.ts'
import type { ClusterView, MachineView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'
import type { UnitName, UnitOption } from '../unit/unit.ts'
import { currentStateOf, placeOf } from './current-state.ts'
import type { WireMachine, WireUnit, WireUnitState } from './schemas.ts'

/** fleet leaves a member with an empty value out. */
function withoutEmpty<T extends object>(members: { readonly [Name in keyof T]: T[Name] | undefined }): T {
  const kept = Object.entries(members).filter(([, value]: [string, unknown]) => !isEmpty(value))
  return Object.fromEntries(kept) as T
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '') return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Undefined when the cluster does not know the unit. */
export function toWireUnit(view: ClusterView, name: UnitName): WireUnit | undefined {
  const unit = view.units.get(name)?.value
  if (unit === undefined) return undefined
  return withoutEmpty<WireUnit>({
    currentState: currentStateOf(view, name),
    desiredState: unit.desired,
    machineID: isGlobal(view, name) ? '' : (placeOf(view, name)?.machine ?? ''),
    name,
    options: (view.optionsOf(unit.hash) ?? []).map(toWireOption),
  })
}

export function isGlobal(view: ClusterView, name: UnitName): boolean {
  const unit = view.units.get(name)?.value
  return unit !== undefined && view.requirementsOf(name, unit.hash)?.isGlobal === true
}

function toWireOption({ name, section, value }: UnitOption) {
  return withoutEmpty({ name, section, value })
}

export function toWireState(name: UnitName, machine: MachineId, state: StateRecord): WireUnitState {
  return {
    hash: state.hash,
    machineID: machine,
    name,
    systemdActiveState: state.active,
    systemdLoadState: state.load,
    systemdSubState: state.sub,
  }
}

export function toWireMachine({ id, metadata, record }: MachineView): WireMachine {
  const sorted = Object.entries(metadata).toSorted(([a], [b]) => compareText(a, b))
  return withoutEmpty({ id, metadata: Object.fromEntries(sorted), primaryIP: record?.value.publicIp ?? '' })
}

/** Members of the cluster that are alive, sorted by id. */
export function aliveMachines(view: ClusterView): readonly MachineView[] {
  return [...view.machines.values()]
    .filter((machine) => machine.presence !== undefined)
    .toSorted((a, b) => compareText(a.id, b.id))
}

/** By code points, so that every process sorts alike whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

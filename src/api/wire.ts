import type { MachineRow, UnitRow } from '../cluster/rows.ts'
import { currentStateOf, targetOf } from '../cluster/rows.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { UnitName, UnitOption } from '../unit/unit.ts'
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
    machineID: view.globals.has(name) ? '' : targetOf(view, name),
    name,
    options: (view.optionsOf(unit.hash) ?? []).map(toWireOption),
  })
}

/** A list says of a global unit that it is inactive, wherever it runs: fleet's way, which clients that read lists have learned. */
export function toListedUnit(view: ClusterView, name: UnitName): WireUnit | undefined {
  const unit = toWireUnit(view, name)
  return unit === undefined || unit.currentState !== undefined ? unit : { currentState: 'inactive', ...unit }
}

function toWireOption({ name, section, value }: UnitOption) {
  return withoutEmpty({ name, section, value })
}

export function toWireState(row: UnitRow): WireUnitState {
  return {
    hash: row.hash,
    machineID: row.machine,
    name: row.unit,
    systemdActiveState: row.active,
    systemdLoadState: row.load,
    systemdSubState: row.sub,
  }
}

export function toWireMachine({ id, ip, metadata }: MachineRow): WireMachine {
  const sorted = Object.entries(metadata).toSorted(([a], [b]) => compareText(a, b))
  return withoutEmpty<WireMachine>({ id, metadata: Object.fromEntries(sorted), primaryIP: ip })
}

/** By code points, so that every process sorts alike whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

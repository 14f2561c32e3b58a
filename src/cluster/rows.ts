import type { MachineId, Metadata } from '../machine/machine.ts'
import type { DesiredState, UnitHash, UnitName } from '../unit/unit.ts'
import type { ScheduleRecord, UnitRecord } from './records.ts'
import type { ClusterView } from './view.ts'

/** One line of list-machines. */
export interface MachineRow {
  readonly id: MachineId
  /** Empty when the machine knows none. */
  readonly ip: string
  readonly metadata: Metadata
}

/** One line of list-units: a unit as one machine reports it. */
export interface UnitRow {
  readonly unit: UnitName
  readonly machine: MachineId
  readonly ip: string
  readonly load: string
  readonly active: string
  readonly sub: string
  readonly hash: UnitHash
}

/** One line of list-unit-files: a unit as the user asked for it. */
export interface UnitFileRow {
  readonly unit: UnitName
  readonly hash: UnitHash
  readonly description: string
  readonly isGlobal: boolean
  readonly desired: DesiredState
  /** Undefined for a global unit: it has as many states as machines. */
  readonly current: DesiredState | undefined
  /** Undefined when the unit is on no machine or on all. */
  readonly target: MachineId | undefined
  readonly targetIp: string
  /** Why a wanted unit is on no machine. */
  readonly waiting: string | undefined
}

/** Machines that are present, by id. */
export function toMachineRows(view: ClusterView): readonly MachineRow[] {
  return [...view.machines.values()]
    .filter(({ presence }) => presence !== undefined)
    .map(({ id, metadata }) => ({ id, ip: ipOf(view, id), metadata }))
    .toSorted((a, b) => compare(a.id, b.id))
}

/** By unit, then machine. */
export function toUnitRows(view: ClusterView): readonly UnitRow[] {
  return [...view.machines.keys()]
    .flatMap((machine) =>
      [...view.reportedOn(machine)].map(([unit, { value }]) => {
        const { load, active, sub, hash } = value
        return { unit, machine, ip: ipOf(view, machine), load, active, sub, hash }
      }),
    )
    .toSorted((a, b) => compare(a.unit, b.unit) || compare(a.machine, b.machine))
}

/** By unit. */
export function toUnitFileRows(view: ClusterView): readonly UnitFileRow[] {
  return [...view.units.keys()].toSorted(compare).flatMap((unit) => toUnitFileRow(view, unit) ?? [])
}

export function toUnitFileRow(view: ClusterView, unit: UnitName): UnitFileRow | undefined {
  const record = view.units.get(unit)?.value
  if (record === undefined) return undefined
  const isGlobal = view.globals.has(unit)
  const target = isGlobal ? undefined : targetOf(view, unit)
  return {
    unit,
    hash: record.hash,
    description: descriptionOf(view, record.hash),
    isGlobal,
    desired: record.desired,
    current: currentStateOf(view, unit),
    target,
    targetIp: target === undefined ? '' : ipOf(view, target),
    waiting: view.waiting.get(unit)?.value.reason,
  }
}

/**
 * fleet's word for where a unit stands: `inactive` until the machine it is placed on reports it, then `loaded`, and `launched` once
 * that machine was asked for the start that is wanted now, so that nobody who waits takes the old start, or the old content, for the
 * new one. Undefined for a global unit and for one that does not exist.
 */
export function currentStateOf(view: ClusterView, unit: UnitName): DesiredState | undefined {
  const wanted = view.units.get(unit)?.value
  if (wanted === undefined || view.globals.has(unit)) return undefined
  const target = targetOf(view, unit)
  const place = target === undefined ? undefined : view.placesOf(unit).get(target)?.value
  const state = target === undefined ? undefined : view.statesOf(unit).get(target)?.value
  if (place === undefined || state === undefined || state.hash !== place.hash) return 'inactive'
  const isLaunched = place.desired === 'launched' && state.generation === place.generation
  return isLaunched && !isOutdated(wanted, place) ? 'launched' : 'loaded'
}

/** The machine has not been told yet of the start that is wanted. */
function isOutdated(wanted: UnitRecord, place: ScheduleRecord): boolean {
  return wanted.desired === 'launched' && (wanted.generation !== place.generation || wanted.hash !== place.hash)
}

/** The machine a unit is on or goes to. A place that it only leaves is none. */
export function targetOf(view: ClusterView, unit: UnitName): MachineId | undefined {
  const places = [...view.placesOf(unit)].filter(([, { value }]) => value.phase !== 'leaving')
  return places.toSorted(([a, x], [b, y]) => rank(x.value) - rank(y.value) || compare(a, b))[0]?.[0]
}

const rank = ({ phase }: ScheduleRecord): number => (phase === 'placed' ? 0 : 1)

function ipOf(view: ClusterView, machine: MachineId): string {
  return view.machines.get(machine)?.record?.value.publicIp ?? ''
}

function descriptionOf(view: ClusterView, hash: UnitHash): string {
  const options = view.optionsOf(hash) ?? []
  return options.find(({ section, name }) => section === 'Unit' && name === 'Description')?.value ?? ''
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

import type { ScheduleRecord, UnitRecord, WaitingRecord } from '../cluster/records.ts'
import { isOccupying } from '../cluster/occupancy.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'
import type { Requirements } from '../unit/requirements.ts'
import { isTemplate } from '../unit/unit-name.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import { PlanGlobs } from './plan-globs.ts'
import { PlanOccupants } from './plan-occupants.ts'

/** A place touched by this pass; no record = released. */
export interface TouchedPlace {
  readonly unit: UnitName
  readonly machine: MachineId
  readonly record: ScheduleRecord | undefined
  readonly reason: string
}

export type WantedRecord = UnitRecord & Pick<ScheduleRecord, 'desired'>

/** The view with the decisions of this pass laid over it, so that each decision sees the earlier ones. The view stays as it is. */
export class PlanOverlay {
  readonly view: ClusterView
  readonly lost: ReadonlySet<MachineId>
  readonly globs = new PlanGlobs()
  /** By `machine/unit`. */
  readonly touched = new Map<string, TouchedPlace>()
  readonly waiting = new Map<UnitName, WaitingRecord>()
  /** Grows with every change of a place. */
  writes = 0
  readonly #byMachine = new Map<MachineId, Map<UnitName, ScheduleRecord>>()
  readonly #byUnit = new Map<UnitName, Map<MachineId, ScheduleRecord>>()
  readonly #releases = new Map<UnitName, string>()
  #replacers: readonly UnitName[] | undefined
  readonly #occupants = new Map<MachineId, PlanOccupants>()

  constructor(view: ClusterView, lost: ReadonlySet<MachineId>) {
    this.view = view
    this.lost = lost
  }

  scheduleOf(machine: MachineId): ReadonlyMap<UnitName, ScheduleRecord> {
    const known = this.#byMachine.get(machine)
    if (known !== undefined) return known
    const copy = new Map([...this.view.scheduleOf(machine)].map(([unit, { value }]) => [unit, value]))
    this.#byMachine.set(machine, copy)
    return copy
  }

  /** How many units a machine has, without a copy of its schedule. */
  countOf(machine: MachineId): number {
    return (this.#byMachine.get(machine) ?? this.view.scheduleOf(machine)).size
  }

  placesOf(unit: UnitName): ReadonlyMap<MachineId, ScheduleRecord> {
    const known = this.#byUnit.get(unit)
    if (known !== undefined) return known
    const copy = new Map([...this.view.placesOf(unit)].map(([machine, { value }]) => [machine, value]))
    this.#byUnit.set(unit, copy)
    return copy
  }

  /** Where a unit is at home: placed (or draining) on a machine that is not lost. */
  homeOf(unit: UnitName): MachineId | undefined {
    const homes = [...this.placesOf(unit)].filter(([id, { phase }]) => phase !== 'leaving' && !this.lost.has(id))
    return homes.map(([id]) => id).toSorted()[0]
  }

  /** The record of a unit that somebody wants on a machine; a template only waits for its instances. */
  wantedOf(unit: UnitName): WantedRecord | undefined {
    const record = this.view.units.get(unit)?.value
    if (record === undefined || record.desired === 'inactive' || isTemplate(unit)) return undefined
    return { ...record, desired: record.desired }
  }

  /** Every unit that would replace others. */
  get replacers(): readonly UnitName[] {
    this.#replacers ??= [...this.view.units.keys()].filter(
      (unit) => (this.requirementsOf(unit)?.replaces ?? []).length > 0,
    )
    return this.#replacers
  }

  put(unit: UnitName, machine: MachineId, record: ScheduleRecord): void {
    this.#write({ unit, machine, record, reason: record.reason })
    this.#occupants.get(machine)?.add(unit, this.#conflictsOf(unit, record))
  }

  release(unit: UnitName, machine: MachineId, reason: string): void {
    this.#write({ unit, machine, record: undefined, reason })
    this.#occupants.delete(machine)
    this.#releases.set(unit, reason)
  }

  /** Why this pass took a unit off a machine. */
  releasedOf(unit: UnitName): string | undefined {
    return this.#releases.get(unit)
  }

  /** Room is free when it is reported free: scheduled, leaving and observed units all take it. */
  occupantsOf(machine: MachineId): PlanOccupants {
    const known = this.#occupants.get(machine)
    if (known !== undefined) return known
    const occupants = new PlanOccupants(this.globs)
    for (const [unit, record] of this.scheduleOf(machine)) occupants.add(unit, this.#conflictsOf(unit, record))
    for (const [unit, { value }] of this.view.reportedOn(machine)) {
      if (isOccupying(value)) occupants.add(unit, this.requirementsOf(unit, value.hash)?.conflicts ?? [])
    }
    this.#occupants.set(machine, occupants)
    return occupants
  }

  /** Of what is wanted now; of a unit that is gone, of what was wanted last. */
  requirementsOf(unit: UnitName, fallback?: UnitHash): Requirements | undefined {
    const hash = fallback ?? this.view.units.get(unit)?.value.hash
    return hash === undefined ? undefined : this.view.requirementsOf(unit, hash)
  }

  /** A place that an update is about to reach is judged by what it becomes. */
  #conflictsOf(unit: UnitName, { phase, hash }: ScheduleRecord): readonly string[] {
    const wanted = phase === 'leaving' ? undefined : this.requirementsOf(unit)
    return (wanted ?? this.requirementsOf(unit, hash))?.conflicts ?? []
  }

  #write(place: TouchedPlace): void {
    const { unit, machine, record } = place
    this.writes++
    this.touched.set(`${machine}/${unit}`, place)
    this.scheduleOf(machine)
    this.placesOf(unit)
    if (record === undefined) {
      this.#byMachine.get(machine)?.delete(unit)
      this.#byUnit.get(unit)?.delete(machine)
    } else {
      this.#byMachine.get(machine)?.set(unit, record)
      this.#byUnit.get(unit)?.set(machine, record)
    }
  }
}

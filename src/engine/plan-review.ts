import type { ScheduleRecord } from '../cluster/records.ts'
import { shortId, type MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'
import { stayFilters } from './filters/all-filters.ts'
import { machineOfFilter } from './filters/machine-of.ts'
import { isReplacedBy } from './filters/replaces.ts'
import { PlanOccupants } from './plan-occupants.ts'
import type { PlanOverlay } from './plan-overlay.ts'

/**
 * Looks at all units of one machine: who is no longer wanted or able goes, who stays is brought up to date. What it decides depends
 * on this machine alone, so that reviewing the machines that changed says the same as reviewing all.
 * Returns the units that may now need a place.
 */
export function reviewMachine(machine: MachineId, overlay: PlanOverlay): readonly UnitName[] {
  const units = byAge(machine, overlay)
  for (const unit of units) releaseIfUnwanted(unit, machine, overlay)
  if (overlay.lost.has(machine))
    return [...overlay.scheduleOf(machine).keys()].filter((unit) => !isGlobal(unit, overlay))
  for (const unit of staying(units, machine, overlay)) releaseIfUnable(unit, machine, overlay)
  releaseFollowers(units, machine, overlay)
  releaseConflicting(units, machine, overlay)
  releaseFollowers(units, machine, overlay)
  for (const unit of staying(units, machine, overlay)) update(unit, machine, overlay)
  return units.filter((unit) => overlay.scheduleOf(machine).get(unit)?.phase !== 'placed')
}

/** The copy that was first keeps its place where two exclude each other. */
function byAge(machine: MachineId, { view }: PlanOverlay): readonly UnitName[] {
  return [...view.scheduleOf(machine)]
    .toSorted(([a, x], [b, y]) => Number(x.createRevision - y.createRevision) || (a < b ? -1 : 1))
    .map(([unit]) => unit)
}

/** Units with a readable file that are not on their way out. */
function staying(units: readonly UnitName[], machine: MachineId, overlay: PlanOverlay): readonly UnitName[] {
  const schedule = overlay.scheduleOf(machine)
  return units.filter((unit) => {
    const phase = schedule.get(unit)?.phase
    return phase !== undefined && phase !== 'leaving' && overlay.requirementsOf(unit) !== undefined
  })
}

function releaseIfUnwanted(unit: UnitName, machine: MachineId, overlay: PlanOverlay): void {
  const reason = findUnwanted(unit, machine, overlay)
  if (reason !== undefined) overlay.release(unit, machine, reason)
}

function findUnwanted(unit: UnitName, machine: MachineId, overlay: PlanOverlay): string | undefined {
  if (!overlay.view.units.has(unit)) return 'destroyed'
  if (overlay.wantedOf(unit) === undefined) return 'not wanted any more'
  if (isGlobal(unit, overlay) || overlay.lost.has(machine)) return undefined
  const places = overlay.view.placesOf(unit)
  const own = places.get(machine)
  if (own === undefined || own.value.phase === 'leaving') return undefined
  const homes = [...places].filter(([id, { value }]) => value.phase !== 'leaving' && !overlay.lost.has(id))
  const [oldest] = homes.toSorted(([a, x], [b, y]) => Number(x.createRevision - y.createRevision) || (a < b ? -1 : 1))
  return oldest === undefined || oldest[0] === machine ? undefined : `already placed on ${shortId(oldest[0])}`
}

function releaseIfUnable(unit: UnitName, machine: MachineId, overlay: PlanOverlay): void {
  const view = overlay.view.machines.get(machine)
  const requirements = overlay.requirementsOf(unit)
  // A machine whose record is not there tells nothing about itself: no reason to stop what it runs.
  if (view?.record === undefined || requirements === undefined) return
  for (const { check } of stayFilters) {
    const reason = check({ unit, requirements, machine: view }, overlay)
    if (reason !== undefined) {
      overlay.release(unit, machine, `machine ${shortId(machine)} ${reason}`)
      return
    }
  }
}

/** One follower's going can take others with it, until nobody is left who follows a unit that is not here. Returns who went. */
export function releaseFollowers(
  units: readonly UnitName[],
  machine: MachineId,
  overlay: PlanOverlay,
): readonly UnitName[] {
  const released: UnitName[] = []
  const view = overlay.view.machines.get(machine)
  if (view === undefined) return released
  for (let isSettled = false; !isSettled;) {
    isSettled = true
    for (const unit of staying(units, machine, overlay)) {
      const requirements = overlay.requirementsOf(unit)
      if (requirements === undefined || requirements.machineOf.length === 0) continue
      const reason = machineOfFilter.check({ unit, requirements, machine: view }, overlay)
      if (reason === undefined) continue
      overlay.release(unit, machine, `machine ${shortId(machine)} ${reason}`)
      released.push(unit)
      isSettled = false
    }
  }
  return released
}

/**
 * Judged among the units placed here, not against what still stops: a unit that is at home does not make room for one that leaves.
 * A unit that replaces another pushes it off, unless the other replaces it in turn and was here first.
 */
function releaseConflicting(units: readonly UnitName[], machine: MachineId, overlay: PlanOverlay): void {
  const kept = new Set<UnitName>()
  const replacers = new Set<UnitName>()
  const occupants = new PlanOccupants(overlay.globs)
  for (const unit of staying(units, machine, overlay)) {
    const { conflicts = [], replaces = [] } = overlay.requirementsOf(unit) ?? {}
    const rival = occupants.findConflict(unit, conflicts)
    const replacer = [...replacers].find((other) => isReplacedBy(unit, other, overlay))
    if (rival !== undefined) overlay.release(unit, machine, `conflicts with ${rival}`)
    else if (replacer !== undefined) overlay.release(unit, machine, `replaced by ${replacer}`)
    else {
      for (const other of replaces.length === 0 ? [] : kept) {
        if (!isReplacedBy(other, unit, overlay)) continue
        overlay.release(other, machine, `replaced by ${unit}`)
        kept.delete(other)
        replacers.delete(other)
      }
      kept.add(unit)
      if (replaces.length > 0) replacers.add(unit)
      occupants.add(unit, conflicts)
    }
  }
}

function update(unit: UnitName, machine: MachineId, overlay: PlanOverlay): void {
  const wanted = overlay.wantedOf(unit)
  const record = overlay.scheduleOf(machine).get(unit)
  if (wanted === undefined || record === undefined) return
  const { hash, desired, generation } = wanted
  if (!isSameContent(record, wanted)) overlay.put(unit, machine, { ...record, hash, desired, generation })
}

function isSameContent(a: ScheduleRecord, b: Pick<ScheduleRecord, 'hash' | 'desired' | 'generation'>): boolean {
  return a.hash === b.hash && a.desired === b.desired && a.generation === b.generation
}

function isGlobal(unit: UnitName, { view }: PlanOverlay): boolean {
  return view.globals.has(unit)
}

/** The old copy of a unit that moved goes once the new one is reported active; if that never happens, it stays. */
export function releaseOldCopies(unit: UnitName, overlay: PlanOverlay): void {
  const leaving = [...overlay.placesOf(unit)].filter(([, { phase }]) => phase === 'leaving').map(([id]) => id)
  const home = leaving.length === 0 ? undefined : overlay.homeOf(unit)
  if (home === undefined || !isSettledOn(unit, home, overlay)) return
  for (const machine of leaving) overlay.release(unit, machine, `runs on ${shortId(home)} now`)
}

function isSettledOn(unit: UnitName, machine: MachineId, overlay: PlanOverlay): boolean {
  const place = overlay.placesOf(unit).get(machine)
  const state = overlay.view.statesOf(unit).get(machine)?.value
  if (place === undefined || state?.hash !== place.hash) return false
  return place.desired === 'loaded' ? state.load === 'loaded' : state.active === 'active'
}

import type { ScheduleRecord, WaitingRecord } from '../cluster/records.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Decision } from './decision.ts'
import type { PlanOverlay, TouchedPlace } from './plan-overlay.ts'

/** What is other than in the view once the pass is over, sorted by unit, kind and machine: a change taken back is none. */
export function toDecisions(overlay: PlanOverlay, units: ReadonlySet<UnitName>): readonly Decision[] {
  const places = [...overlay.touched.values()].flatMap((place) => toPlaceDecision(place, overlay) ?? [])
  const waits = [...new Set([...units, ...overlay.waiting.keys()])].flatMap(
    (unit) => toWaitDecision(unit, overlay) ?? [],
  )
  return [...places, ...waits].toSorted((a, b) => compare(sortKey(a), sortKey(b)))
}

function toPlaceDecision(place: TouchedPlace, { view }: PlanOverlay): Decision | undefined {
  const { unit, machine, record, reason } = place
  const before = view.placesOf(unit).get(machine)?.value
  if (record === undefined) return before === undefined ? undefined : { kind: 'release', unit, machine, reason }
  if (before === undefined) return { kind: 'place', unit, machine, record }
  if (before.phase !== record.phase) {
    return { kind: record.phase === 'leaving' ? 'keep-leaving' : 'place', unit, machine, record }
  }
  return isSame(before, record) ? undefined : { kind: 'update', unit, machine, record }
}

function isSame(a: ScheduleRecord, b: ScheduleRecord): boolean {
  return a.hash === b.hash && a.desired === b.desired && a.generation === b.generation
}

function toWaitDecision(unit: UnitName, overlay: PlanOverlay): Decision | undefined {
  const before = overlay.view.waiting.get(unit)?.value
  const after = overlay.waiting.get(unit)
  if (after !== undefined) return isSameWait(before, after) ? undefined : { kind: 'wait', unit, ...after }
  if (before === undefined) return undefined
  const reason = overlay.wantedOf(unit) === undefined ? 'not wanted any more' : 'has a place'
  return { kind: 'stop-waiting', unit, reason }
}

function isSameWait(a: WaitingRecord | undefined, b: WaitingRecord): boolean {
  if (a?.reason !== b.reason || a.rejections.length !== b.rejections.length) return false
  return b.rejections.every((rejection, index) => {
    const other = a.rejections[index]
    return (
      other?.machine === rejection.machine && other.filter === rejection.filter && other.reason === rejection.reason
    )
  })
}

const kinds: readonly Decision['kind'][] = ['release', 'keep-leaving', 'update', 'place', 'wait', 'stop-waiting']

function sortKey(decision: Decision): readonly string[] {
  return [decision.unit, String(kinds.indexOf(decision.kind)), 'machine' in decision ? decision.machine : '']
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((text, index) => text !== b[index])
  return at === -1 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
}

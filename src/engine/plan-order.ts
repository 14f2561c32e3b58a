import type { UnitName } from '../unit/unit.ts'
import type { PlanOverlay } from './plan-overlay.ts'

/** By name, but a unit after those it follows (`MachineOf=`). In a circle nobody can be first, and the name decides. */
export function inFollowOrder(units: readonly UnitName[], overlay: PlanOverlay): readonly UnitName[] {
  const progress = new Map<UnitName, 'new' | 'open' | 'done'>(units.map((unit) => [unit, 'new']))
  const ordered: UnitName[] = []
  for (const unit of units.toSorted()) {
    // A stack, not recursion: a user may make a chain of any length.
    const stack = [unit]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (progress.get(top) === 'new') {
        progress.set(top, 'open')
        stack.push(...peersOf(top, overlay).filter((peer) => progress.get(peer) === 'new'))
        continue
      }
      if (progress.get(top) === 'open') ordered.push(top)
      progress.set(top, 'done')
      stack.pop()
    }
  }
  return ordered
}

/** From the last to the first by name, as a stack wants them. A unit that is at home, or wanted nowhere, waits for nobody. */
function peersOf(unit: UnitName, overlay: PlanOverlay): readonly UnitName[] {
  const { machineOf = [] } = overlay.requirementsOf(unit) ?? {}
  if (machineOf.length === 0 || overlay.wantedOf(unit) === undefined || overlay.homeOf(unit) !== undefined) return []
  return (machineOf as readonly UnitName[]).toSorted().toReversed()
}

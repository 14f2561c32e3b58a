import type { UnitName } from '../../unit/unit.ts'
import type { PlanOverlay } from '../plan-overlay.ts'
import type { Filter } from './filter.ts'

/** `Replaces=` of a unit that is placed there: who was pushed off does not come back. */
export const replacesFilter: Filter = {
  name: 'replaces',
  check: ({ unit, machine }, overlay) => {
    const placed = [...overlay.scheduleOf(machine.id)].filter(([, { phase }]) => phase !== 'leaving')
    const replacers = placed.map(([other]) => other).filter((other) => isReplacedBy(unit, other, overlay))
    const first = replacers.toSorted()[0]
    return first === undefined ? undefined : `has it replaced by ${first}`
  },
  explain: (reason) => ({ one: reason, many: reason.replace(/^has /, 'have ') }),
}

export function isReplacedBy(unit: UnitName, other: UnitName, overlay: PlanOverlay): boolean {
  const { replaces = [] } = overlay.requirementsOf(other) ?? {}
  return unit !== other && replaces.some((pattern) => overlay.globs.matches(pattern, unit))
}

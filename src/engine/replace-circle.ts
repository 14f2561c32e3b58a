import type { UnitName } from '../unit/unit.ts'
import { isReplacedBy } from './filters/replaces.ts'
import type { PlanOverlay } from './plan-overlay.ts'

/**
 * Whether `unit` replaces `other`, itself or through those it replaces. Of units that replace each other in a circle none pushes
 * another off: the last to be pushed would push the first, for ever.
 */
export function replacesInTurn(unit: UnitName, other: UnitName, overlay: PlanOverlay): boolean {
  const seen = new Set([unit])
  const open = [unit]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const from = next
    if (isReplacedBy(other, from, overlay)) return true
    const pushed = overlay.replacers.filter((unit) => !seen.has(unit) && isReplacedBy(unit, from, overlay))
    for (const unit of pushed) {
      seen.add(unit)
      open.push(unit)
    }
  }
  return false
}

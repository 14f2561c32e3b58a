import { currentStateOf, targetOf } from '../cluster/rows.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { DesiredState, UnitName } from '../unit/unit.ts'

/**
 * The state a client waits for: `launched` only once the machine was asked for the start that is wanted now, so that nobody takes the
 * old start, or the old content, for the new one.
 */
export function waitedStateOf(view: ClusterView, name: UnitName): DesiredState | undefined {
  const current = currentStateOf(view, name)
  const unit = view.units.get(name)?.value
  if (current !== 'launched' || unit?.desired !== 'launched') return current
  const target = targetOf(view, name)
  const place = target === undefined ? undefined : view.placesOf(name).get(target)?.value
  return place?.generation === unit.generation && place.hash === unit.hash ? 'launched' : 'loaded'
}

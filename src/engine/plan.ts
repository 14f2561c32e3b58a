import type { Dirty } from '../cluster/dirty.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Plan } from './decision.ts'
import { toDecisions } from './plan-decisions.ts'
import { PlanOverlay } from './plan-overlay.ts'
import { Placer } from './plan-placer.ts'
import { releaseOldCopies, reviewMachine } from './plan-review.ts'

export interface PlanOptions {
  /** Machines judged lost (`liveness.ts`): their units go elsewhere. One that is only away keeps them. */
  readonly lost: ReadonlySet<MachineId>
}

/**
 * What to change so that every wanted unit is where it may be, sorted by unit. `dirty` says what changed since a plan that was
 * carried out; the answer is the same as for 'everything', only found sooner.
 */
export function plan(view: ClusterView, dirty: Dirty, { lost }: PlanOptions): Plan {
  const overlay = new PlanOverlay(view, lost)
  const machines = toMachines(view, dirty)
  const units = new Set<UnitName>(dirty === 'everything' ? view.units.keys() : dirty.units)
  for (const machine of [...machines].toSorted()) {
    for (const unit of reviewMachine(machine, overlay)) units.add(unit)
  }
  for (const unit of [...units].toSorted()) releaseOldCopies(unit, overlay)
  const isOpen = mayPlace({ dirty, units, overlay })
  if (isOpen) for (const unit of view.waiting.keys()) units.add(unit)
  settleAll({ units, machines: isOpen ? machines : new Set(), overlay })
  return { decisions: toDecisions(overlay, units) }
}

/** Those that changed, and those that have a unit that changed. */
function toMachines(view: ClusterView, dirty: Dirty): ReadonlySet<MachineId> {
  if (dirty === 'everything') return new Set(view.machines.keys())
  const places = [...dirty.units].flatMap((unit) => [...view.placesOf(unit).keys()])
  return new Set([...dirty.machines, ...places])
}

interface Scope {
  readonly units: Set<UnitName>
  readonly overlay: PlanOverlay
}

/** False when nothing of this pass can change where a waiting unit fits: most news is of states, and not about room. */
function mayPlace({ dirty, units, overlay }: Scope & { readonly dirty: Dirty }): boolean {
  if (dirty === 'everything' || dirty.machines.size > 0 || overlay.touched.size > 0) return true
  // Whom such a one may push off can depend on any unit that is gone now.
  const isNews = dirty.units.size > 0
  if (isNews && [...overlay.view.waiting.keys()].some((unit) => overlay.replacers.includes(unit))) return true
  return [...units].some((unit) => overlay.wantedOf(unit) !== undefined && isUnsettled(unit, overlay))
}

function isUnsettled(unit: UnitName, overlay: PlanOverlay): boolean {
  return overlay.view.globals.has(unit) || overlay.homeOf(unit) === undefined
}

function settleAll({ units, machines, overlay }: Scope & { readonly machines: ReadonlySet<MachineId> }): void {
  const { view } = overlay
  const globals = machines.size === 0 ? [] : [...view.globals].filter((unit) => !units.has(unit))
  new Placer(overlay).settleAll([...units, ...globals], (unit) => (units.has(unit) ? view.machines.keys() : machines))
}

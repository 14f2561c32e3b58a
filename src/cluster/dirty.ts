import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'

/** What may have changed for a planner since it last looked; a hint, never the truth. */
export type Dirty = DirtySet | 'everything'

export interface DirtySet {
  readonly units: ReadonlySet<UnitName>
  /** Machines whose room, metadata or presence changed. */
  readonly machines: ReadonlySet<MachineId>
}

export const nothingDirty: DirtySet = { units: new Set(), machines: new Set() }

export function mergeDirty(a: Dirty, b: Dirty): Dirty {
  if (a === 'everything' || b === 'everything') return 'everything'
  return { units: new Set([...a.units, ...b.units]), machines: new Set([...a.machines, ...b.machines]) }
}

export const isDirty = (dirty: Dirty): boolean =>
  dirty === 'everything' || dirty.units.size > 0 || dirty.machines.size > 0

import type { Rejection, ScheduleRecord } from '../cluster/records.ts'
import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'

/** What the engine wants of one unit on one machine, with the reason that a user reads. */
export type Decision =
  /** A new place, or a place it was leaving and keeps now. */
  | { readonly kind: 'place'; readonly unit: UnitName; readonly machine: MachineId; readonly record: ScheduleRecord }
  /** Same place, other content, desired state or generation. */
  | { readonly kind: 'update'; readonly unit: UnitName; readonly machine: MachineId; readonly record: ScheduleRecord }
  /** The unit goes elsewhere, and its old copy stays until the new one is active. */
  | {
      readonly kind: 'keep-leaving'
      readonly unit: UnitName
      readonly machine: MachineId
      readonly record: ScheduleRecord
    }
  | { readonly kind: 'release'; readonly unit: UnitName; readonly machine: MachineId; readonly reason: string }
  | {
      readonly kind: 'wait'
      readonly unit: UnitName
      readonly reason: string
      readonly rejections: readonly Rejection[]
    }
  | { readonly kind: 'stop-waiting'; readonly unit: UnitName; readonly reason: string }

/** Sorted by unit; a unit's decisions belong together. */
export interface Plan {
  readonly decisions: readonly Decision[]
}

import type { MachineView } from '../../cluster/view.ts'
import type { Requirements } from '../../unit/requirements.ts'
import type { UnitName } from '../../unit/unit.ts'
import type { PlanOverlay } from '../plan-overlay.ts'

export interface Candidate {
  readonly unit: UnitName
  readonly requirements: Requirements
  readonly machine: MachineView
}

/** One rule that may refuse a machine to a unit. */
export interface Filter {
  readonly name: string
  /** Undefined when the machine may run the unit; else what the machine does or lacks: "conflicts with nano@1.service". */
  readonly check: (candidate: Candidate, overlay: PlanOverlay) => string | undefined
  /** The same of several machines at once, in the singular and in the plural: "conflicts", "conflict". */
  readonly explain: (reason: string) => Summary
}

export interface Summary {
  readonly one: string
  readonly many: string
}

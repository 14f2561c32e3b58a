import type { MachineId } from '../../machine/machine.ts'
import type { UnitName } from '../../unit/unit.ts'
import type { PlanOverlay } from '../plan-overlay.ts'
import type { Filter } from './filter.ts'

/** `MachineOf=`: only where every peer is placed. */
export const machineOfFilter: Filter = {
  name: 'machine-of',
  check: ({ requirements, machine }, overlay) => {
    const missing = requirements.machineOf.find((peer) => !isPlacedOn(overlay, peer, machine.id))
    return missing === undefined ? undefined : `does not run ${missing}`
  },
  explain: (reason) => ({ one: reason, many: reason.replace(/^does /, 'do ') }),
}

function isPlacedOn(overlay: PlanOverlay, peer: string, machine: MachineId): boolean {
  const record = overlay.scheduleOf(machine).get(peer as UnitName)
  return record !== undefined && record.phase !== 'leaving'
}

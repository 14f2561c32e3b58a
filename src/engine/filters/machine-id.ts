import { shortId } from '../../machine/machine.ts'
import type { Filter } from './filter.ts'

/** `MachineID=`: the full id or its first eight digits. */
export const machineIdFilter: Filter = {
  name: 'machine-id',
  check: ({ requirements: { machineId }, machine: { id } }) =>
    machineId === undefined || machineId === id || machineId === shortId(id) ? undefined : `is not ${machineId}`,
  explain: (reason) => ({ one: reason, many: reason.replace(/^is /, 'are ') }),
}

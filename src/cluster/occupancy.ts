import type { StateRecord } from './records.ts'

/** True while systemd still has something of the unit on that machine: a failed or dead one takes no room. */
export function isOccupying(state: StateRecord): boolean {
  return state.active !== 'inactive' && state.active !== 'failed' && state.active !== ''
}

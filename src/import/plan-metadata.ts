import type { Metadata } from '../machine/machine.ts'
import type { FleetMetadata } from './fleet-keyspace.ts'

export interface MetadataStep extends FleetMetadata {
  readonly action: 'set' | 'remove' | 'keep' | 'skip'
  /** Of `keep` and `skip`. */
  readonly reason?: string
}

/** Dynamic metadata belongs to a machine, so it is set once the cluster has a machine of that id. */
export function planMetadata(
  entries: readonly FleetMetadata[],
  machines: ReadonlyMap<string, Metadata>,
): readonly MetadataStep[] {
  return entries.map((entry) => ({ ...entry, ...toStep(entry, machines.get(entry.machine)) }))
}

function toStep(
  { key, value }: FleetMetadata,
  published: Metadata | undefined,
): Pick<MetadataStep, 'action' | 'reason'> {
  // The API's own rule for keys.
  if (!/^[A-Za-z0-9_.-]+$/.test(key)) return { action: 'skip', reason: 'the API takes no such key' }
  if (published === undefined) return { action: 'skip', reason: 'the cluster has no machine of this id' }
  if ((published[key] ?? '') === value) return { action: 'keep', reason: 'it is so already' }
  return { action: value === '' ? 'remove' : 'set' }
}

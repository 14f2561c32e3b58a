import type { MachineId, Metadata } from '../machine/machine.ts'
import type { ClusterChange } from './change.ts'
import type { DynamicMetadataRecord } from './records.ts'
import type { MachineView } from './view.ts'

type MachineChange = Extract<ClusterChange, { readonly kind: 'record' | 'presence' | 'metadata' }>

/** Machines as their three keys tell. A machine is known once it wrote a record or a presence; metadata may be set before. */
export class MachineIndex {
  readonly machines = new Map<MachineId, MachineView>()
  readonly #dynamic = new Map<MachineId, DynamicMetadataRecord>()

  /** True when something that placement looks at is other than before. */
  put(change: MachineChange): boolean {
    const { machine: id } = change
    const before = this.machines.get(id)
    if (change.kind === 'metadata') {
      if (change.record === undefined) this.#dynamic.delete(id)
      else this.#dynamic.set(id, change.record.value)
    }
    const record = change.kind === 'record' ? change.record : before?.record
    const presence = change.kind === 'presence' ? change.record : before?.presence
    if (record === undefined && presence === undefined) return this.machines.delete(id)
    const metadata = overlay(record?.value.metadata ?? {}, this.#dynamic.get(id)?.metadata ?? {})
    const after = { id, record, presence, metadata }
    this.machines.set(id, after)
    return before === undefined || !isSameForPlacement(before, after)
  }
}

function isSameForPlacement(a: MachineView, b: MachineView): boolean {
  return (
    a.presence?.createRevision === b.presence?.createRevision &&
    a.presence?.value.isReady === b.presence?.value.isReady &&
    JSON.stringify(a.metadata) === JSON.stringify(b.metadata)
  )
}

/** Static metadata overlaid by dynamic, sorted by key; an empty dynamic value hides the static one. */
function overlay(fixed: Metadata, dynamic: Metadata): Metadata {
  const merged = Object.entries({ ...fixed, ...dynamic }).filter(([key]) => dynamic[key] !== '')
  return Object.fromEntries(merged.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

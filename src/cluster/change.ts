import type { MachineId } from '../machine/machine.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import type {
  BalancerRecord,
  DynamicMetadataRecord,
  LeaderRecord,
  MachineRecord,
  PresenceRecord,
  RouteRecord,
  ScheduleRecord,
  StateRecord,
  UnitRecord,
  WaitingRecord,
} from './records.ts'

/** A record as the store keeps it: revisions are what a commit compares. */
export interface Versioned<T> {
  readonly value: T
  readonly createRevision: bigint
  readonly modRevision: bigint
}

/** One key's news, decoded. `record: undefined` = the key is gone. */
export type ClusterChange =
  | { readonly kind: 'unit'; readonly unit: UnitName; readonly record: Versioned<UnitRecord> | undefined }
  | { readonly kind: 'file'; readonly hash: UnitHash; readonly text: string | undefined }
  | ({ readonly kind: 'schedule'; readonly record: Versioned<ScheduleRecord> | undefined } & Place)
  | ({ readonly kind: 'state'; readonly record: Versioned<StateRecord> | undefined } & Place)
  | { readonly kind: 'waiting'; readonly unit: UnitName; readonly record: Versioned<WaitingRecord> | undefined }
  | { readonly kind: 'record'; readonly machine: MachineId; readonly record: Versioned<MachineRecord> | undefined }
  | { readonly kind: 'presence'; readonly machine: MachineId; readonly record: Versioned<PresenceRecord> | undefined }
  | {
      readonly kind: 'metadata'
      readonly machine: MachineId
      readonly record: Versioned<DynamicMetadataRecord> | undefined
    }
  | { readonly kind: 'leader'; readonly record: Versioned<LeaderRecord> | undefined }
  | { readonly kind: 'route'; readonly name: string; readonly record: Versioned<RouteRecord> | undefined }
  | { readonly kind: 'balancer'; readonly machine: MachineId; readonly record: Versioned<BalancerRecord> | undefined }

interface Place {
  readonly machine: MachineId
  readonly unit: UnitName
}

import type { MachineId, Metadata } from '../machine/machine.ts'
import type { Requirements } from '../unit/requirements.ts'
import type { UnitHash, UnitName, UnitOption } from '../unit/unit.ts'
import type { Versioned } from './change.ts'
import type {
  BalancerRecord,
  LeaderRecord,
  MachineRecord,
  PresenceRecord,
  RouteRecord,
  ScheduleRecord,
  StateRecord,
  UnitRecord,
  WaitingRecord,
} from './records.ts'

/**
 * The whole cluster at one store revision, as the engine, the API and a balancer read it. Kept current by one watch
 * (`live-view.ts` applies it); nobody who reads it writes it. Maps are not sorted: sort before a decision or an output.
 */
export interface ClusterView {
  readonly revision: bigint
  readonly units: ReadonlyMap<UnitName, Versioned<UnitRecord>>
  readonly files: ReadonlyMap<UnitHash, string>
  /** Where a unit is scheduled: usually one machine; more while it moves, or when it is global. */
  placesOf(unit: UnitName): ReadonlyMap<MachineId, Versioned<ScheduleRecord>>
  scheduleOf(machine: MachineId): ReadonlyMap<UnitName, Versioned<ScheduleRecord>>
  readonly waiting: ReadonlyMap<UnitName, Versioned<WaitingRecord>>
  readonly machines: ReadonlyMap<MachineId, MachineView>
  /** Reported states of a unit by machine. */
  statesOf(unit: UnitName): ReadonlyMap<MachineId, Versioned<StateRecord>>
  reportedOn(machine: MachineId): ReadonlyMap<UnitName, Versioned<StateRecord>>
  readonly leader: Versioned<LeaderRecord> | undefined
  readonly routes: ReadonlyMap<string, Versioned<RouteRecord>>
  readonly balancers: ReadonlyMap<MachineId, Versioned<BalancerRecord>>
  /** The options of a unit file, parsed once per hash; undefined while the text has not arrived. */
  optionsOf(hash: UnitHash): readonly UnitOption[] | undefined
  /** Units whose file says `Global=`: they run on every machine that may have them. */
  readonly globals: ReadonlySet<UnitName>
  /** Its requirements, which depend on the unit's own name too (specifiers). */
  requirementsOf(unit: UnitName, hash: UnitHash): Requirements | undefined
}

/** A machine that is or was a member. Alive = `presence` is there. */
export interface MachineView {
  readonly id: MachineId
  readonly record: Versioned<MachineRecord> | undefined
  readonly presence: Versioned<PresenceRecord> | undefined
  /** Static metadata overlaid by dynamic; an empty dynamic value removes the key. */
  readonly metadata: Metadata
}

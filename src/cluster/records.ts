import type { MachineId, Metadata } from '../machine/machine.ts'
import type { DesiredState, UnitHash, UnitName, UnitState } from '../unit/unit.ts'

/** What each store key holds. `store/codec.ts` turns them into versioned JSON and back; `store/keys.ts` names the keys. */

/** `units/<name>`, written by the API. */
export interface UnitRecord {
  readonly hash: UnitHash
  readonly desired: DesiredState
  /** Raised each time the user asks for a new start (start after stop, restart, replace). */
  readonly generation: number
}

/** `placed` = runs here; `draining` = leaves the balancers first; `leaving` = stops once its replacement is reported active. */
export type SchedulePhase = 'placed' | 'draining' | 'leaving'

/** `schedule/<machine>/<unit>`, written by the engine leader; all an agent needs to know, so that it watches one prefix. */
export interface ScheduleRecord {
  readonly hash: UnitHash
  readonly desired: Exclude<DesiredState, 'inactive'>
  readonly generation: number
  readonly phase: SchedulePhase
  readonly reason: string
}

/** `waiting/<unit>`, written by the engine leader: why a wanted unit is on no machine. */
export interface WaitingRecord {
  readonly reason: string
  readonly rejections: readonly Rejection[]
}

/** One machine that may not run the unit, and the rule's own words. */
export interface Rejection {
  readonly machine: MachineId
  readonly filter: string
  readonly reason: string
}

/** `machines/<id>/record`, written by that machine's agent; stays when the machine goes. */
export interface MachineRecord {
  readonly nonce: string
  readonly firstSeen: string
  readonly publicIp: string
  readonly metadata: Metadata
  readonly version: string
  /** The lease under which this machine is present: how long it may be away before it is lost, when nobody watched it go. */
  readonly leaseSeconds?: number
  /** Addresses on which its API is open to the network, as somebody wrote into fleet.socket. */
  readonly openApi?: readonly string[]
}

/** `machines/<id>/presence`, written by that machine's agent under its lease. */
export interface PresenceRecord {
  readonly bootId: string
  /** True after the first full report of unit states under this lease: a returned machine takes new units only then. */
  readonly isReady: boolean
  /** The nonce of the machine's record: another one under the same machine-id is a second machine, and is refused. */
  readonly nonce: string
  /** flotad was stopped on purpose: its units run on, and nothing moves until this presence ends. */
  readonly isUnmanaged?: boolean
}

/** `machines/<id>/metadata`, written by the API; an empty value hides the static key. */
export interface DynamicMetadataRecord {
  readonly metadata: Metadata
}

/** `states/<machine>/<unit>`, written by that machine's agent under its lease. */
export interface StateRecord extends UnitState {
  readonly hash: UnitHash
  readonly generation: number
  /** RFC 3339 UTC: since when the unit is in its active state. For people, never compared. */
  readonly since: string
}

/** `leader`, written by whoever leads, under the engine lease. */
export interface LeaderRecord {
  readonly machine: MachineId
  readonly version: string
}

export type RouteScheme = 'http' | 'https'

/** `routes/<name>`, written by the API: what to balance. */
export interface RouteRecord {
  /** Unit names or globs, at least one. */
  readonly units: readonly string[]
  readonly port: number
  readonly scheme: RouteScheme
}

/** `balancers/<machine>`, written by that balancer under its lease. */
export interface BalancerRecord {
  /** The store revision whose endpoints its nginx serves. */
  readonly revision: string
  readonly address: string
  /** Healthy endpoints a route, by route name. */
  readonly routes: Readonly<Record<string, RouteStatus>>
}

export interface RouteStatus {
  readonly healthy: readonly Endpoint[]
  readonly unhealthy: readonly Endpoint[]
  /** Why the wanted configuration is not the one served; absent when it is. */
  readonly error?: string
}

export interface Endpoint {
  readonly unit: UnitName
  readonly machine: MachineId
  readonly address: string
  readonly port: number
}

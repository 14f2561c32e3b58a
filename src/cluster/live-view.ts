import { unreachable } from '../lib/errors.ts'
import type { MachineId } from '../machine/machine.ts'
import type { Requirements } from '../unit/requirements.ts'
import type { UnitHash, UnitName, UnitOption } from '../unit/unit.ts'
import type { ClusterChange, Versioned } from './change.ts'
import type { Dirty } from './dirty.ts'
import { FileCache } from './file-cache.ts'
import { MachineIndex } from './machine-index.ts'
import { isOccupying } from './occupancy.ts'
import { PlaceIndex } from './place-index.ts'
import type {
  BalancerRecord,
  LeaderRecord,
  RouteRecord,
  ScheduleRecord,
  StateRecord,
  UnitRecord,
  WaitingRecord,
} from './records.ts'
import type { ClusterView, MachineView } from './view.ts'

interface Touched {
  readonly units: Set<UnitName>
  readonly machines: Set<MachineId>
}

/** The view that one watch keeps current. A change costs the same however large the cluster is. */
export class LiveView implements ClusterView {
  revision = 0n
  readonly units = new Map<UnitName, Versioned<UnitRecord>>()
  readonly waiting = new Map<UnitName, Versioned<WaitingRecord>>()
  readonly routes = new Map<string, Versioned<RouteRecord>>()
  readonly balancers = new Map<MachineId, Versioned<BalancerRecord>>()
  readonly globals = new Set<UnitName>()
  leader: Versioned<LeaderRecord> | undefined
  #files = new FileCache()
  #machines = new MachineIndex()
  #schedule = new PlaceIndex<ScheduleRecord>()
  #states = new PlaceIndex<StateRecord>()
  readonly #unitsByHash = new Map<UnitHash, Set<UnitName>>()

  get files(): ReadonlyMap<UnitHash, string> {
    return this.#files.texts
  }

  get machines(): ReadonlyMap<MachineId, MachineView> {
    return this.#machines.machines
  }

  placesOf(unit: UnitName): ReadonlyMap<MachineId, Versioned<ScheduleRecord>> {
    return this.#schedule.ofUnit(unit)
  }

  scheduleOf(machine: MachineId): ReadonlyMap<UnitName, Versioned<ScheduleRecord>> {
    return this.#schedule.ofMachine(machine)
  }

  statesOf(unit: UnitName): ReadonlyMap<MachineId, Versioned<StateRecord>> {
    return this.#states.ofUnit(unit)
  }

  reportedOn(machine: MachineId): ReadonlyMap<UnitName, Versioned<StateRecord>> {
    return this.#states.ofMachine(machine)
  }

  optionsOf(hash: UnitHash): readonly UnitOption[] | undefined {
    return this.#files.optionsOf(hash)
  }

  requirementsOf(unit: UnitName, hash: UnitHash): Requirements | undefined {
    return this.#files.requirementsOf(unit, hash)
  }

  /** Forgets everything and takes these as the whole truth at `revision`. */
  reset(changes: readonly ClusterChange[], revision: bigint): void {
    for (const map of [this.units, this.waiting, this.routes, this.balancers, this.globals, this.#unitsByHash])
      map.clear()
    this.leader = undefined
    this.#files = new FileCache()
    this.#machines = new MachineIndex()
    this.#schedule = new PlaceIndex()
    this.#states = new PlaceIndex()
    this.apply(changes, revision)
  }

  /** Takes in what changed up to `revision`, and says whose plan that may change. */
  apply(changes: readonly ClusterChange[], revision: bigint): Dirty {
    const touched: Touched = { units: new Set(), machines: new Set() }
    for (const change of changes) this.#applyOne(change, touched)
    this.revision = revision
    return touched
  }

  #applyOne(change: ClusterChange, touched: Touched): void {
    switch (change.kind) {
      case 'unit': {
        this.#putUnit(change.unit, change.record, touched)
        return
      }
      case 'file': {
        this.#putFile(change.hash, change.text, touched)
        return
      }
      case 'schedule':
        this.#schedule.put(change.machine, change.unit, change.record)
        touched.units.add(change.unit)
        touched.machines.add(change.machine)
        return
      case 'state': {
        this.#putState(change, touched)
        return
      }
      case 'waiting':
        putOrDelete(this.waiting, change.unit, change.record)
        touched.units.add(change.unit)
        return
      case 'record':
      case 'presence':
      case 'metadata':
        if (this.#machines.put(change)) touched.machines.add(change.machine)
        return
      case 'leader':
        this.leader = change.record
        return
      case 'route': {
        putOrDelete(this.routes, change.name, change.record)
        return
      }
      case 'balancer': {
        putOrDelete(this.balancers, change.machine, change.record)
        return
      }
      default:
        return unreachable(change)
    }
  }

  #putUnit(unit: UnitName, record: Versioned<UnitRecord> | undefined, touched: Touched): void {
    const before = this.units.get(unit)?.value.hash
    putOrDelete(this.units, unit, record)
    touched.units.add(unit)
    if (before !== undefined && before !== record?.value.hash) this.#dropHash(unit, before)
    if (record === undefined) {
      this.globals.delete(unit)
      return
    }
    const users = this.#unitsByHash.get(record.value.hash)
    if (users === undefined) this.#unitsByHash.set(record.value.hash, new Set([unit]))
    else users.add(unit)
    this.#judgeGlobal(unit, record.value.hash)
  }

  #dropHash(unit: UnitName, hash: UnitHash): void {
    this.#files.forget(unit, hash)
    const users = this.#unitsByHash.get(hash)
    users?.delete(unit)
    if (users?.size === 0) this.#unitsByHash.delete(hash)
  }

  #putFile(hash: UnitHash, text: string | undefined, touched: Touched): void {
    // The content is in the name: a text that is put again is the same text.
    if (text !== undefined && this.#files.texts.has(hash)) return
    this.#files.put(hash, text)
    for (const unit of this.#unitsByHash.get(hash) ?? []) {
      this.#judgeGlobal(unit, hash)
      touched.units.add(unit)
    }
  }

  #judgeGlobal(unit: UnitName, hash: UnitHash): void {
    if (this.requirementsOf(unit, hash)?.isGlobal === true) this.globals.add(unit)
    else this.globals.delete(unit)
  }

  /** A machine's room changes only when a unit begins or ceases to take it: most news of states is about neither. */
  #putState(change: ClusterChange & { readonly kind: 'state' }, touched: Touched): void {
    const before = this.#states.put(change.machine, change.unit, change.record)
    touched.units.add(change.unit)
    const isTaking = change.record !== undefined && isOccupying(change.record.value)
    const wasTaking = before !== undefined && isOccupying(before.value)
    if (isTaking !== wasTaking || before?.value.hash !== change.record?.value.hash) touched.machines.add(change.machine)
  }
}

function putOrDelete<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

import type { RouteRecord, SchedulePhase } from '../cluster/records.ts'
import type { ClusterChange, Versioned } from '../cluster/change.ts'
import { LiveView } from '../cluster/live-view.ts'
import { parseMachineId } from '../machine/machine.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import type { BalancerFeed } from './balancer.ts'

const hash = 'a'.repeat(40) as UnitHash

export const machineId = (number: number) => parseMachineId(number.toString(16).padStart(32, '0'))
export const unitName = (name: string) => name as UnitName

/** For tests: a cluster that is told what to look like, as a balancer's feed shows it. */
export class TestCluster implements BalancerFeed {
  readonly view = new LiveView()
  isCurrent = true
  users = 0
  readonly #listeners = new Set<() => void>()

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  acquire(): void {
    this.users++
  }

  release(): void {
    this.users--
  }

  setCurrent(isCurrent: boolean): void {
    this.isCurrent = isCurrent
    for (const listener of this.#listeners) listener()
  }

  route(name: string, record: RouteRecord | undefined): void {
    this.#apply({ kind: 'route', name, record: this.#versioned(record) })
  }

  machine(number: number, publicIp: string): void {
    const value = { nonce: 'n', firstSeen: '', publicIp, metadata: {}, version: '' }
    this.#apply({ kind: 'record', machine: machineId(number), record: this.#versioned(value) })
  }

  /** A unit that is wanted running, on this machine, in this phase; no phase = on no machine. */
  place(name: string, number: number, phase: SchedulePhase | undefined): void {
    const unit = unitName(name)
    const launched = { hash, desired: 'launched', generation: 1 } as const
    this.#apply({ kind: 'unit', unit, record: this.#versioned(launched) })
    const schedule = phase === undefined ? undefined : { ...launched, phase, reason: '' }
    this.#apply({ kind: 'schedule', unit, machine: machineId(number), record: this.#versioned(schedule) })
  }

  /** What the machine reports of the unit; undefined = its report is gone with its lease. */
  state(name: string, number: number, active: string | undefined): void {
    const value =
      active === undefined ? undefined : { load: 'loaded', active, sub: active, hash, generation: 1, since: '' }
    const record = this.#versioned(value)
    this.#apply({ kind: 'state', unit: unitName(name), machine: machineId(number), record })
  }

  #versioned<T>(value: T | undefined): Versioned<T> | undefined {
    const revision = this.view.revision + 1n
    return value === undefined ? undefined : { value, createRevision: revision, modRevision: revision }
  }

  #apply(change: ClusterChange): void {
    this.view.apply([change], this.view.revision + 1n)
    for (const listener of this.#listeners) listener()
  }
}

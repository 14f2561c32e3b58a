import type { FastifyInstance } from 'fastify'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApi } from '../../src/api/api.ts'
import type { ClusterAccess } from '../../src/api/cluster-access.ts'
import type { ScheduleRecord, StateRecord, UnitRecord } from '../../src/cluster/records.ts'
import { LiveView } from '../../src/cluster/live-view.ts'
import type { ClusterView } from '../../src/cluster/view.ts'
import { realClock } from '../../src/lib/clock.ts'
import { FlotaError } from '../../src/lib/errors.ts'
import { silentLog } from '../../src/lib/log.ts'
import type { MachineId } from '../../src/machine/machine.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { toClusterChanges } from '../../src/store/cluster-changes.ts'
import { codecs } from '../../src/store/codec.ts'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { keyPrefix, keys } from '../../src/store/keys.ts'
import type { Operation, Store } from '../../src/store/store.ts'
import { compileGlob } from '../../src/lib/glob.ts'
import type { UnitName, UnitState } from '../../src/unit/unit.ts'

export interface TestMachine {
  readonly id: string
  readonly ip: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** The machines of the recordings of fleetctl. */
export const recordedMachines: readonly TestMachine[] = [
  { id: '13135a8d34da09b98cde21be81866ed7', ip: '10.77.0.11', metadata: { region: 'eu', disk: 'ssd' } },
  { id: '833c7ef0d145fca2254083a6adac2480', ip: '10.77.0.13' },
  { id: 'f54a0ebf67ca0dee8ff866ffd1017002', ip: '10.77.0.12', metadata: { region: 'us' } },
]

/** The real API over a real store in this process, and, when asked, a few lines that do what an engine and its agents would. */
export class InProcessCluster {
  readonly api: FastifyInstance
  readonly store: Store
  /** While true, the store seems to be away. */
  isAway = false
  readonly #folder: string
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  /** What systemd says of a unit that was started; `running` unless a test says otherwise. */
  readonly started = new Map<string, UnitState>()

  private constructor(store: Store, folder: string, tokenLimit: number) {
    this.store = store
    this.#folder = folder
    const cluster: ClusterAccess = { view: () => this.view() }
    const guarded = new Proxy(store, {
      get: (target, name) => {
        if (this.isAway) return () => Promise.reject(new FlotaError('unavailable', 'the store is away'))
        const member: unknown = Reflect.get(target, name)
        return member instanceof Function
          ? (...args: readonly unknown[]): unknown => Reflect.apply(member, target, args)
          : member
      },
    })
    this.api = buildApi({ store: guarded, cluster, clock: realClock, log: silentLog, version: '1.2.3', tokenLimit })
  }

  static async open(machines = recordedMachines, tokenLimit = 100): Promise<InProcessCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'flota-compat-'))
    const store = await openEmbeddedStore({ directory: folder, clock: realClock, log: silentLog })
    const cluster = new InProcessCluster(store, folder, tokenLimit)
    await store.commit({ operations: machines.flatMap(toOperations) })
    return cluster
  }

  async view(): Promise<ClusterView> {
    if (this.isAway) throw new FlotaError('unavailable', 'the store is away')
    const { entries, revision } = await this.store.read({ prefix: keyPrefix })
    const view = new LiveView()
    view.reset(
      toClusterChanges(entries, (key) => {
        throw new Error(`bad value at ${key}`)
      }),
      revision,
    )
    return view
  }

  /** Places and starts what is wanted, from now on, one unit a machine where they conflict. */
  live(): void {
    this.#running = this.#pass()
  }

  async #pass(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const operations = nextOperations(await this.view(), this.started)
      if (operations.length > 0) await this.store.commit({ operations })
      else await realClock.sleep(10)
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.api.close()
    await this.store.close()
    await rm(this.#folder, { recursive: true })
  }
}

function toOperations({ id, ip, metadata = {} }: TestMachine): readonly Operation[] {
  const machine = parseMachineId(id)
  const record = { nonce: 'n', firstSeen: '2026-01-01T00:00:00Z', publicIp: ip, metadata, version: '1.2.3' }
  const presence = { bootId: 'b', isReady: true, nonce: 'n' }
  return [
    { kind: 'put', key: keys.machineRecord(machine), value: codecs.record.encode(record) },
    { kind: 'put', key: keys.machinePresence(machine), value: codecs.presence.encode(presence) },
  ]
}

const running: UnitState = { load: 'loaded', active: 'active', sub: 'running' }
const dead: UnitState = { load: 'loaded', active: 'inactive', sub: 'dead' }

/** The next step towards what is wanted; none when all is as it should be. */
function nextOperations(view: ClusterView, started: ReadonlyMap<string, UnitState>): readonly Operation[] {
  for (const machine of view.machines.keys()) {
    for (const unit of view.reportedOn(machine).keys()) {
      if (!view.placesOf(unit).has(machine)) return [{ kind: 'delete', key: keys.state(machine, unit) }]
    }
  }
  for (const machine of view.machines.keys()) {
    for (const unit of view.scheduleOf(machine).keys()) {
      const record = view.units.get(unit)?.value
      if (record === undefined || record.desired === 'inactive') {
        return [{ kind: 'delete', key: keys.schedule(machine, unit) }]
      }
    }
  }
  for (const [unit, { value }] of view.units) {
    const step = value.desired === 'inactive' ? [] : stepFor(view, unit, { record: value, started })
    if (step.length > 0) return step
  }
  return []
}

interface Wanted {
  readonly record: UnitRecord
  readonly started: ReadonlyMap<string, UnitState>
}

function stepFor(view: ClusterView, unit: UnitName, { record, started }: Wanted): readonly Operation[] {
  const machines = view.globals.has(unit) ? [...view.machines.keys()] : [placeFor(view, unit)]
  for (const machine of machines) {
    if (machine === undefined) return waits(view, unit)
    const schedule: ScheduleRecord = {
      hash: record.hash,
      desired: record.desired === 'launched' ? 'launched' : 'loaded',
      generation: record.generation,
      phase: 'placed',
      reason: 'fewest units',
    }
    const placed = codecs.schedule.encode(schedule)
    const before = view.placesOf(unit).get(machine)?.value
    if (before === undefined || codecs.schedule.encode(before) !== placed) {
      const waiting: readonly Operation[] = view.waiting.has(unit) ? [{ kind: 'delete', key: keys.waiting(unit) }] : []
      return [...waiting, { kind: 'put', key: keys.schedule(machine, unit), value: placed }]
    }
    const state = record.desired === 'launched' ? (started.get(unit) ?? running) : dead
    const reported: StateRecord = {
      ...state,
      hash: record.hash,
      generation: record.generation,
      since: '2026-01-01T00:00:00Z',
    }
    const known = view.statesOf(unit).get(machine)?.value
    if (known === undefined || codecs.state.encode(known) !== codecs.state.encode(reported)) {
      return [{ kind: 'put', key: keys.state(machine, unit), value: codecs.state.encode(reported) }]
    }
  }
  return []
}

function placeFor(view: ClusterView, unit: UnitName): MachineId | undefined {
  const [here] = view.placesOf(unit).keys()
  if (here !== undefined) return here
  const hash = view.units.get(unit)?.value.hash
  const globs = (hash === undefined ? undefined : view.requirementsOf(unit, hash)?.conflicts) ?? []
  const conflicts = (other: UnitName) => other !== unit && globs.some((glob) => compileGlob(glob)(other))
  const free = [...view.machines.keys()].filter((id) => ![...view.scheduleOf(id).keys()].some(conflicts))
  return free.toSorted((a, b) => view.scheduleOf(a).size - view.scheduleOf(b).size || (a < b ? -1 : 1))[0]
}

function waits(view: ClusterView, unit: UnitName): readonly Operation[] {
  if (view.waiting.has(unit)) return []
  const rejections = [...view.machines.keys()]
    .toSorted()
    .map((machine) => ({ machine, filter: 'conflicts', reason: 'it conflicts with a unit there' }))
  const value = codecs.waiting.encode({ reason: 'every machine has a unit it conflicts with', rejections })
  return [{ kind: 'put', key: keys.waiting(unit), value }]
}

import type { FastifyInstance } from 'fastify'
import { runAgent } from '../../src/agent/agent.ts'
import type { Disk } from '../../src/agent/disk.ts'
import { buildApi } from '../../src/api/api.ts'
import type { ClusterAccess } from '../../src/api/cluster-access.ts'
import type { ClusterView } from '../../src/cluster/view.ts'
import { toClusterAccess } from '../../src/daemon/cluster-access.ts'
import { Engine } from '../../src/engine/engine.ts'
import { realClock } from '../../src/lib/clock.ts'
import { FlotaError } from '../../src/lib/errors.ts'
import { silentLog } from '../../src/lib/log.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { ClusterFeed } from '../../src/store/cluster-feed.ts'
import { codecs } from '../../src/store/codec.ts'
import { keys } from '../../src/store/keys.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { Operation } from '../../src/store/store.ts'
import { FakeSystemd } from '../../src/systemd/fake.ts'
import type { FakeBehaviour } from '../../src/systemd/fake-unit.ts'
import { waitFor } from '../real/wait-for.ts'
import type { RecordedMachine } from './recordings.ts'
import { readFleetctlRecording } from './recordings.ts'

export const version = '1.2.3'
const world = { clock: realClock, log: silentLog, random: () => 0.5 }

/**
 * A whole cluster in this process: the real API over a real feed, and, once it lives, the real engine and a real agent for each machine.
 * Only the store, the disks and systemd are doubles. Until then its machines are there and do nothing.
 */
export class InProcessCluster {
  readonly store = new MemoryStore(realClock)
  readonly api: FastifyInstance
  readonly #machines: readonly RecordedMachine[]
  readonly #feed = new ClusterFeed({ ...world, store: this.store })
  readonly #stop = new AbortController()
  readonly #systemds: FakeSystemd[] = []
  readonly #apis: FastifyInstance[] = []
  #running: readonly Promise<void>[] = []

  /** While true, the store seems to be away. */
  set isAway(isAway: boolean) {
    this.store.isAway = isAway
  }

  private constructor(machines: readonly RecordedMachine[], tokenLimit: number) {
    this.#machines = machines
    this.api = this.openApi(tokenLimit)
  }

  static async open(machines = readFleetctlRecording().machines, tokenLimit = 100): Promise<InProcessCluster> {
    const cluster = new InProcessCluster(machines, tokenLimit)
    await cluster.store.commit({ operations: machines.flatMap(toOperations) })
    return cluster
  }

  /** Another machine's API, which may be set up otherwise. */
  openApi(tokenLimit: number): FastifyInstance {
    const access = toClusterAccess(this.#feed)
    // The real access waits five seconds for a store that is away.
    const away = () => Promise.reject(new FlotaError('unavailable', 'the store is away'))
    const cluster: ClusterAccess = { view: (...args) => (this.store.isAway ? away() : access.view(...args)) }
    const api = buildApi({ ...world, store: this.store, cluster, version, tokenLimit })
    this.#apis.push(api)
    return api
  }

  /** Places and starts what is wanted, from now on. */
  live(): void {
    const { signal } = this.#stop
    const [first] = this.#machines
    if (first === undefined) throw new Error('a cluster without machines cannot live')
    const engine = new Engine({
      ...world,
      store: this.store,
      feed: this.#feed,
      machine: parseMachineId(first.id),
      version,
    })
    this.#running = [engine.run(signal), ...this.#machines.map((machine) => this.#runAgent(machine, signal))]
  }

  /** Everything that the store holds now. */
  async view(): Promise<ClusterView> {
    const signal = AbortSignal.timeout(5_000)
    return toClusterAccess(this.#feed).view(signal, this.store.revision)
  }

  /** Destroys every unit, and waits until no machine reports one. */
  async removeUnits(): Promise<void> {
    for (const unit of (await this.view()).units.keys()) {
      await this.store.commit({ operations: [{ kind: 'delete', key: keys.unit(unit) }] })
    }
    await waitFor('the units to be gone', async () => {
      const view = await this.view()
      return this.#machines.every(({ id }) => view.reportedOn(parseMachineId(id)).size === 0) ? true : undefined
    })
  }

  /** What systemd makes of a unit, on whatever machine. */
  script(unit: string, behaviour: FakeBehaviour): void {
    for (const systemd of this.#systemds) systemd.script(unit, behaviour)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
    await this.#feed.close()
    await Promise.all(this.#apis.map((api) => api.close()))
    await this.store.close()
  }

  #runAgent({ id, ip, metadata = {} }: RecordedMachine, signal: AbortSignal): Promise<void> {
    const files = new Map<string, string>()
    const systemd = new FakeSystemd({ clock: realClock, readFile: (path) => files.get(path) })
    this.#systemds.push(systemd)
    return runAgent({
      ...world,
      machine: { id: parseMachineId(id), nonce: 'n', bootId: 'b', publicIp: ip, metadata, version },
      store: this.store,
      systemd,
      disk: toDisk(files),
      config: { unitsDirectory: '/units', launchesDirectory: '/launches', ttlMs: 30_000, renewEveryMs: 5_000 },
      signal,
    })
  }
}

function toDisk(files: Map<string, string>): Disk {
  const namesIn = (folder: string) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
  return {
    list: (folder) => Promise.resolve(namesIn(folder).map((path) => path.slice(folder.length + 1))),
    read: (path) => Promise.resolve(files.get(path) ?? ''),
    write: (path, text) => Promise.resolve(void files.set(path, text)),
    remove: (path) => Promise.resolve(void files.delete(path)),
  }
}

function toOperations({ id, ip, metadata = {} }: RecordedMachine): readonly Operation[] {
  const machine = parseMachineId(id)
  const record = { nonce: 'n', firstSeen: '2026-01-01T00:00:00Z', publicIp: ip, metadata, version }
  const presence = { bootId: 'b', isReady: true, nonce: 'n' }
  return [
    { kind: 'put', key: keys.machineRecord(machine), value: codecs.record.encode(record) },
    { kind: 'put', key: keys.machinePresence(machine), value: codecs.presence.encode(presence) },
  ]
}

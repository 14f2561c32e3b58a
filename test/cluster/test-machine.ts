import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { runAgent } from '../../src/agent/agent.ts'
import type { Disk } from '../../src/agent/disk.ts'
import { buildApi } from '../../src/api/api.ts'
import { toClusterAccess } from '../../src/daemon/cluster-access.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import type { MachineId, Metadata } from '../../src/machine/machine.ts'
import { ClusterFeed } from '../../src/store/cluster-feed.ts'
import type { Store } from '../../src/store/store.ts'
import { FakeSystemd } from '../../src/systemd/fake.ts'
import type { UnitName } from '../../src/unit/unit.ts'
import { machineId } from '../fixtures/sample-cluster.ts'
import { LinkedStore } from './linked-store.ts'

export interface MachineOptions {
  readonly metadata?: Metadata
  /** The option of flotad: true = fleet's old way. */
  readonly stopsUnits?: boolean
}

export interface MachineWorld {
  readonly store: Store
  readonly clock: Clock
  /** Where the API's socket is made. */
  readonly folder: string
  readonly version: string
}

interface Daemon {
  readonly api: FastifyInstance
  readonly feed: ClusterFeed
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** A machine with all of flotad in this process; only systemd and the disk are doubles, and outlive the daemon as real ones do. */
export class TestMachine {
  readonly name: string
  readonly id: MachineId
  readonly ip: string
  readonly link: LinkedStore
  files = new Map<string, string>()
  systemd: FakeSystemd
  readonly #options: MachineOptions
  readonly #world: MachineWorld
  #boots = 1
  #starts = 0
  #daemon: Daemon | undefined

  constructor(name: string, options: MachineOptions & { readonly ip: string }, world: MachineWorld) {
    this.name = name
    this.id = machineId(name)
    this.ip = options.ip
    this.link = new LinkedStore(world.store, world.clock)
    this.#options = options
    this.#world = world
    this.systemd = this.#newSystemd()
  }

  get api(): FastifyInstance {
    if (this.#daemon === undefined) throw new Error(`machine ${this.name} has no daemon`)
    return this.#daemon.api
  }

  get isUp(): boolean {
    return this.#daemon !== undefined
  }

  /** Where this machine's API is served; each start of the daemon has its own. */
  get socket(): string {
    return join(this.#world.folder, `${this.name}-${this.#starts}.sock`)
  }

  /** The main PID of a unit that runs here. */
  pidOf(unit: string): number | undefined {
    return this.systemd.running().get(unit as UnitName)
  }

  async startDaemon(): Promise<void> {
    const { clock, version } = this.#world
    this.#starts++
    const shared = { store: this.link, clock, log: silentLog, random: () => 0.5, version }
    const stop = new AbortController()
    const feed = new ClusterFeed(shared)
    const api = buildApi({ ...shared, cluster: toClusterAccess(feed), tokenLimit: 100 })
    await api.listen({ path: this.socket })
    const engine = new Engine({ ...shared, feed, machine: this.id })
    const machine = { id: this.id, publicIp: this.ip, version, metadata: this.#options.metadata ?? {} }
    const agent = runAgent({
      ...shared,
      machine: { ...machine, nonce: `nonce-${this.name}`, bootId: `boot-${this.#boots}` },
      systemd: this.systemd,
      disk: diskOf(this.files),
      config: {
        unitsDirectory: '/units',
        launchesDirectory: '/launches',
        ttlMs: 8_000,
        renewEveryMs: 2_000,
        stopUnitsOnShutdown: this.#options.stopsUnits ?? false,
      },
      signal: stop.signal,
    })
    const ended = Promise.all([agent, engine.run(stop.signal)]).then(() => {})
    this.#daemon = { api, feed, stop, ended }
  }

  /** `systemctl stop fleet`. */
  async stopDaemon(): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = undefined
    if (daemon === undefined) return
    daemon.stop.abort()
    await daemon.ended
    await daemon.api.close()
    await daemon.feed.close()
  }

  /** kill -9: nothing that it still wanted to say reaches anybody. */
  async killDaemon(): Promise<void> {
    this.link.cut()
    await this.stopDaemon()
    this.link.heal()
  }

  /** The machine is off: no process of it runs on, and what lay under /run is gone. */
  async cutPower(): Promise<void> {
    await this.killDaemon()
    this.files = new Map()
    this.systemd = this.#newSystemd()
    this.#boots++
  }

  #newSystemd(): FakeSystemd {
    return new FakeSystemd({ clock: this.#world.clock, readFile: (path) => this.files.get(path) })
  }
}

function diskOf(files: Map<string, string>): Disk {
  const namesIn = (folder: string) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
  return {
    list: (folder) => Promise.resolve(namesIn(folder).map((path) => path.slice(folder.length + 1))),
    read: (path) => Promise.resolve(files.get(path) ?? ''),
    write: (path, text) => Promise.resolve(void files.set(path, text)),
    remove: (path) => Promise.resolve(void files.delete(path)),
  }
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { World } from '../../src/cli/deps.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { type Clock, ManualClock } from '../../src/lib/clock.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { type MachineOptions, TestMachine } from './test-machine.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface UnitRow {
  readonly unit: string
  /** The machine's name, or its id when the cluster has none of that id. */
  readonly machine: string
  readonly active: string
  readonly sub: string
}

export interface TestClusterOptions {
  /** By name: `a` to `f` have ids that read like their names. */
  readonly machines: Readonly<Record<string, MachineOptions>>
}

/** `plain('a', 'b')`: machines of which nothing special is asked. */
export const plain = (...names: readonly string[]): Readonly<Record<string, MachineOptions>> =>
  Object.fromEntries(names.map((name) => [name, {}]))

/** Small enough for every timer of the product to go off in its turn. */
const stepMs = 10
const turnsPerStep = 6
const patienceMs = 60_000
const version = '1.2.3'

/**
 * A whole cluster in this process: the real agent, engine, API and command line of each machine over one store in memory. Time stands
 * still but while the cluster is driven: it runs as the wall's while a command computes, and as fast as it can while the command sleeps.
 */
export class TestCluster {
  readonly clock = new ManualClock()
  readonly store = new MemoryStore(this.clock)
  readonly machines = new Map<string, TestMachine>()
  /** The user's own folder, from which `flota` is run. */
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open({ machines }: TestClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(await mkdtemp(join(tmpdir(), 'flota-cluster-')))
    for (const [name, options] of Object.entries(machines)) await cluster.add(name, options)
    return cluster
  }

  async close(): Promise<void> {
    for (const { link } of this.machines.values()) link.cut()
    await this.drive(Promise.all([...this.machines.values()].map((machine) => machine.stopDaemon())), () => true)
    await this.store.close()
    await rm(this.folder, { recursive: true })
  }

  /** Another machine joins. Resolves when it takes units. */
  async add(name: string, options: MachineOptions = {}): Promise<TestMachine> {
    const ip = `10.0.0.${this.machines.size + 11}`
    const world = { store: this.store, clock: this.clock, folder: this.folder, version }
    const machine = new TestMachine(name, { ...options, ip }, world)
    this.machines.set(name, machine)
    await machine.startDaemon()
    await this.pass(200)
    return machine
  }

  machine(name: string): TestMachine {
    const machine = this.machines.get(name)
    if (machine === undefined) throw new Error(`there is no machine ${name}`)
    return machine
  }

  nameOf(id: string): string {
    return [...this.machines.values()].find((machine) => machine.id === id)?.name ?? id
  }

  /** Lets time go by until the promise settles; `isAsleep` says that nothing but time can help. */
  async drive<T>(promise: Promise<T>, isAsleep = () => false): Promise<T> {
    const settled = new AbortController()
    const settle = () => settled.abort()
    promise.then(settle, settle)
    let steppedAtMs = performance.now()
    const endsAtMs = steppedAtMs + patienceMs
    await turn()
    while (!settled.signal.aborted) {
      const nowMs = performance.now()
      if (nowMs > endsAtMs) throw new Error(`nothing came of it in ${patienceMs} ms`)
      if (!isAsleep() && nowMs - steppedAtMs < stepMs) {
        await turn()
        continue
      }
      steppedAtMs = nowMs
      await this.#step()
    }
    return promise
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms
    while (this.clock.nowMs() < untilMs) await this.#step()
  }

  /** Looks again and again until `look` gives true. `withinMs` is time of the cluster: fleet's own tests gave 15 s. */
  async until(what: string, look: () => Promise<boolean> | boolean, withinMs = 15_000): Promise<void> {
    const untilMs = this.clock.nowMs() + withinMs
    while (!(await look())) {
      if (this.clock.nowMs() >= untilMs) throw new Error(`waited ${withinMs} ms for ${what}`)
      await this.pass(50)
    }
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text)
  }

  /** The command line as `fleetctl`, at the first machine whose daemon is up. */
  fleetctl(...argv: readonly string[]): Promise<Ran> {
    return this.run(argv)
  }

  /** The same, and it must end well. */
  async ok(...argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv)
    if (code !== 0) throw new Error(`fleetctl ${argv.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
    return stdout
  }

  async run(argv: readonly string[], more: Partial<World> = {}): Promise<Ran> {
    let [stdout, stderr] = ['', '']
    const clock = new CountingClock(this.clock)
    const code = runCli(argv, {
      stdout: { write: (text) => void (stdout += text), isTTY: false },
      stderr: { write: (text) => void (stderr += text), isTTY: false },
      stdin: new PassThrough(),
      env: { HOME: this.folder, XDG_RUNTIME_DIR: this.folder, FLEETCTL_ENDPOINT: `unix://${this.door().socket}` },
      cwd: this.folder,
      clock,
      version,
      programName: 'fleetctl',
      run: () => Promise.resolve(0),
      interrupted: () => new AbortController().signal,
      localMachineId: () => Promise.resolve(undefined),
      ...more,
    })
    return { code: await this.drive(code, () => clock.sleepers > 0), stdout, stderr }
  }

  async request(method: 'GET' | 'PUT' | 'DELETE' | 'PATCH', url: string, body?: object) {
    const headers = { 'content-type': 'application/json' }
    const payload = body === undefined ? {} : { headers, payload: JSON.stringify(body) }
    return this.drive(this.door().api.inject({ method, url, ...payload }))
  }

  /** Rows of `list-units`. */
  async units(): Promise<readonly UnitRow[]> {
    const rows = await this.#rows('list-units', 'unit,machine,active,sub')
    return rows.map(([unit = '', machine = '', active = '', sub = '']) => {
      return { unit, machine: this.nameOf(machine.split('/')[0] ?? ''), active, sub }
    })
  }

  /** Active units and where they are, such as `hello.service a`. */
  async active(): Promise<readonly string[]> {
    const rows = (await this.units()).filter(({ active }) => active === 'active')
    return rows.map(({ unit, machine }) => `${unit} ${machine}`).toSorted()
  }

  /** Names in `list-unit-files`, in its order. */
  async unitFiles(): Promise<readonly string[]> {
    return (await this.#rows('list-unit-files', 'unit')).map(([unit = '']) => unit)
  }

  /** Names of the machines in `list-machines`. */
  async members(): Promise<readonly string[]> {
    return (await this.#rows('list-machines', 'machine')).map(([id = '']) => this.nameOf(id))
  }

  door(): TestMachine {
    const up = [...this.machines.values()].find((machine) => machine.isUp)
    if (up === undefined) throw new Error('no daemon is up')
    return up
  }

  async #rows(verb: string, fields: string): Promise<readonly (readonly string[])[]> {
    const text = await this.ok(verb, '--no-legend', '--full', '--fields', fields)
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.map((line) => line.split(/\t+/))
  }

  async #step(): Promise<void> {
    await this.clock.advance(stepMs)
    for (let count = 0; count < turnsPerStep; count++) await turn()
  }
}

/** Knows whether somebody sleeps by it. */
class CountingClock implements Clock {
  readonly #clock: Clock
  sleepers = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  wall(): Date {
    return this.#clock.wall()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleepers++
    try {
      await this.#clock.sleep(ms, signal)
    } finally {
      this.sleepers--
    }
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

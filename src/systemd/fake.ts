import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { UnitName } from '../unit/unit.ts'
import { unknownUnit } from './dbus-unit.ts'
import type { FakeBehaviour, FakeJob, FakeUnit } from './fake-unit.ts'
import { isOneShot, isOver, runningSubOf, toState } from './fake-unit.ts'
import type { JobResult, Systemd, SystemdUnit } from './systemd.ts'

export interface FakeSystemdOptions {
  readonly clock: Clock
  /** Text of a unit file, undefined when there is none; the real disk unless a test has its own. */
  readonly readFile?: (path: string) => string | undefined
}

/**
 * systemd in memory, for tests and simulations: units are files it is given by `link`, jobs take the time that was scripted. As
 * in the real one, a unit that is over and did not fail is forgotten at once, with its invocation id.
 */
export class FakeSystemd implements Systemd {
  readonly #clock: Clock
  readonly #readFile: (path: string) => string | undefined
  readonly #links = new Map<string, string>()
  readonly #enabled = new Set<string>()
  readonly #units = new Map<UnitName, FakeUnit>()
  readonly #behaviours = new Map<string, FakeBehaviour>()
  readonly #known = new Set<UnitName>()
  readonly #listeners = new Set<(unit: UnitName | undefined) => void>()
  readonly #calls: string[] = []
  #runs = 0

  constructor({ clock, readFile = readUnitFile }: FakeSystemdOptions) {
    this.#clock = clock
    this.#readFile = readFile
  }

  /** What was asked of it so far, such as `start a.service`; reads of states are left out. */
  get calls(): readonly string[] {
    return this.#calls
  }

  get enabled(): readonly string[] {
    return [...this.#enabled].toSorted()
  }

  /** Units whose processes run, and which run it is: equal before and after = nothing restarted. */
  running(): ReadonlyMap<UnitName, number> {
    const units = [...this.#units.values()].filter((unit) => unit.mainPid !== 0)
    return new Map(units.map((unit) => [unit.name, unit.mainPid]))
  }

  script(unit: string, behaviour: FakeBehaviour): void {
    this.#behaviours.set(unit, behaviour)
  }

  /** The main process ends by itself. */
  exit(name: UnitName, code: number): void {
    const unit = this.#units.get(name)
    if (unit === undefined) throw new Error(`${name} is not loaded`)
    if (code === 0) this.#become(unit, 'inactive', 'dead')
    else this.#become(unit, 'failed', 'failed')
  }

  /** As after a daemon-reexec: signals may have been missed. */
  reexec(): void {
    this.#tell(undefined)
  }

  async link(paths: readonly string[]): Promise<void> {
    this.#calls.push(`link ${paths.map((path) => basename(path)).join(' ')}`)
    for (const path of paths) {
      const name = basename(path)
      if (this.#behaviours.get(name)?.refuses === 'link' || this.#readFile(path) === undefined) {
        throw new FlotaError('failed_precondition', `Cannot link ${path}: refused`)
      }
      this.#links.set(name, path)
    }
    await Promise.resolve()
  }

  enable(paths: readonly string[]): Promise<void> {
    this.#calls.push(`enable ${paths.map((path) => basename(path)).join(' ')}`)
    for (const path of paths) {
      this.#links.set(basename(path), path)
      this.#enabled.add(basename(path))
    }
    return Promise.resolve()
  }

  unlink(units: readonly UnitName[]): Promise<void> {
    for (const unit of units) {
      this.#calls.push(`unlink ${unit}`)
      this.#links.delete(unit)
      this.#enabled.delete(unit)
      this.#known.delete(unit)
    }
    return Promise.resolve()
  }

  reload(): Promise<void> {
    this.#calls.push('reload')
    for (const unit of this.#units.values()) unit.text = this.#textOf(unit.name) ?? unit.text
    this.#tell(undefined)
    return Promise.resolve()
  }

  async start(name: UnitName, onQueued?: () => void): Promise<JobResult> {
    this.#calls.push(`start ${name}`)
    this.#known.add(name)
    if (this.#behaviours.get(name)?.refuses === 'start') {
      throw new FlotaError('failed_precondition', `Cannot start unit '${name}': refused`)
    }
    const unit = this.#load(name)
    if (unit === undefined) throw new FlotaError('not_found', `Cannot start unit '${name}': unit ${name} not found`)
    const job = this.#queue(unit, 'start', (signal) => this.#runStart(unit, signal))
    await Promise.resolve()
    onQueued?.()
    return job.done
  }

  async stop(name: UnitName): Promise<JobResult> {
    this.#calls.push(`stop ${name}`)
    this.#known.add(name)
    if (this.#behaviours.get(name)?.refuses === 'stop') {
      throw new FlotaError('failed_precondition', `Cannot stop unit '${name}': refused`)
    }
    const unit = this.#units.get(name)
    if (unit === undefined) return 'done'
    return this.#queue(unit, 'stop', (signal) => this.#runStop(unit, signal)).done
  }

  resetFailed(name: UnitName): Promise<void> {
    this.#calls.push(`reset-failed ${name}`)
    const unit = this.#units.get(name)
    if (unit?.active === 'failed') this.#become(unit, 'inactive', 'dead')
    return Promise.resolve()
  }

  states(units: readonly UnitName[]): Promise<ReadonlyMap<UnitName, SystemdUnit>> {
    for (const unit of units) this.#known.add(unit)
    return Promise.resolve(new Map(units.map((unit) => [unit, this.#stateOf(unit)])))
  }

  onChange(listener: (unit: UnitName | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }

  #stateOf(name: UnitName): SystemdUnit {
    const onDisk = this.#textOf(name)
    const unit = this.#units.get(name)
    if (unit !== undefined) return toState(unit, unit.text !== onDisk)
    return onDisk === undefined ? unknownUnit : { ...unknownUnit, load: 'loaded' }
  }

  #textOf(name: UnitName): string | undefined {
    const path = this.#links.get(name)
    return path === undefined ? undefined : this.#readFile(path)
  }

  #load(name: UnitName): FakeUnit | undefined {
    const loaded = this.#units.get(name)
    const text = this.#textOf(name)
    if (loaded !== undefined || text === undefined) return loaded
    const rest = { active: 'inactive', sub: 'dead', invocationId: '', mainPid: 0, activeSinceMs: 0, job: undefined }
    const unit: FakeUnit = { name, text, ...rest }
    this.#units.set(name, unit)
    return unit
  }

  /** Mode `replace`: a job of the other kind is cancelled, one of the same kind is joined. */
  #queue(unit: FakeUnit, verb: 'start' | 'stop', run: (signal: AbortSignal) => Promise<JobResult>): FakeJob {
    if (unit.job?.verb === verb) return unit.job
    unit.job?.cancel.abort(new Error('canceled'))
    const cancel = new AbortController()
    const done = Promise.resolve()
      .then(() => run(cancel.signal))
      .catch(() => 'canceled')
    const job: FakeJob = { verb, cancel, done }
    unit.job = job
    void done.then(() => {
      if (unit.job === job) unit.job = undefined
      if (unit.job === undefined && unit.active === 'inactive') this.#units.delete(unit.name)
    })
    return job
  }

  async #runStart(unit: FakeUnit, signal: AbortSignal): Promise<JobResult> {
    signal.throwIfAborted()
    if (unit.active === 'active') return 'done'
    const { startMs = 0, startResult = 'done' } = this.#behaviours.get(unit.name) ?? {}
    unit.invocationId = (++this.#runs).toString(16).padStart(32, '0')
    if (unit.name.endsWith('.service')) unit.mainPid = 1_000 + this.#runs
    this.#become(unit, 'activating', 'start')
    if (startMs > 0) await this.#clock.sleep(startMs, signal)
    if (startResult === 'failed') this.#become(unit, 'failed', 'failed')
    else if (isOneShot(unit)) this.#become(unit, 'inactive', 'dead')
    else this.#become(unit, 'active', runningSubOf(unit.name))
    return startResult
  }

  async #runStop(unit: FakeUnit, signal: AbortSignal): Promise<JobResult> {
    signal.throwIfAborted()
    if (isOver(unit)) return 'done'
    const { stopMs = 0 } = this.#behaviours.get(unit.name) ?? {}
    this.#become(unit, 'deactivating', 'stop-sigterm')
    if (stopMs > 0) await this.#clock.sleep(stopMs, signal)
    this.#become(unit, 'inactive', 'dead')
    return 'done'
  }

  #become(unit: FakeUnit, active: string, sub: string): void {
    unit.active = active
    unit.sub = sub
    if (active === 'active') unit.activeSinceMs = this.#clock.wall().getTime()
    if (isOver(unit)) unit.mainPid = 0
    if (active === 'inactive' && unit.job === undefined) this.#units.delete(unit.name)
    if (this.#known.has(unit.name)) this.#tell(unit.name)
  }

  #tell(unit: UnitName | undefined): void {
    for (const listener of this.#listeners) listener(unit)
  }
}

function readUnitFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

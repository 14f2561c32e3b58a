import type { StateRecord } from '../cluster/records.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { reconcileForever, Wake } from '../lib/reconcile.ts'
import type { LeaseId, Store } from '../store/store.ts'
import type { Systemd } from '../systemd/systemd.ts'
import type { UnitName } from '../unit/unit.ts'
import { applyActions, type Wanted } from './apply.ts'
import type { Disk } from './disk.ts'
import { realDisk } from './disk.ts'
import { FileTexts } from './file-texts.ts'
import { LaunchRecords } from './launch-records.ts'
import { type Action, type LoadedUnit, planActions } from './plan.ts'
import { type AgentMachine, Presence } from './presence.ts'
import { Retries } from './retries.ts'
import { ScheduleView } from './schedule-view.ts'
import { StateReports } from './state-reports.ts'
import { UnitFiles } from './unit-files.ts'
import { UnitJobs } from './unit-jobs.ts'
import { UnitStates } from './unit-states.ts'

export interface AgentConfig {
  /** Where unit files are written before they are linked, such as /run/fleet/units. */
  readonly unitsDirectory: string
  /** Where launch records are kept, such as /run/flota/launches; must end with the boot. */
  readonly launchesDirectory: string
  /** The machine's lease. */
  readonly ttlMs: number
  readonly renewEveryMs: number
  /** fleet's old way: the end of flotad stops and unloads every unit here, and the machine leaves the cluster. */
  readonly stopUnitsOnShutdown?: boolean
}

export interface AgentOptions {
  readonly machine: AgentMachine
  readonly store: Store
  readonly systemd: Systemd
  readonly config: AgentConfig
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
  readonly disk?: Disk
  /** Called once, with how to look into the agent: for people who search for a fault. */
  readonly onStarted?: (look: () => AgentState) => void
}

/** What the agent believes at this moment; a look costs nothing and asks nobody. */
export interface AgentState {
  readonly machine: AgentMachine
  /** The store said lately that this machine is a member. */
  readonly isConfirmed: boolean
  /** What is scheduled here; undefined while that is not known. */
  readonly scheduled: readonly UnitName[] | undefined
  readonly units: Readonly<Record<string, LoadedUnit & { readonly isBusy: boolean }>>
}

/** Signals of systemd come in bursts, some fourteen for a start. */
const gatherSignalsMs = 10
/** A store that does not answer must not hold up flotad's end. */
const leaveWithinMs = 3_000
/** systemd gives a service 90 s to stop; its own units had the same. */
const unloadWithinMs = 80_000
const unloadPauseMs = 50
const afterFailedUnloadMs = 1_000

/**
 * Makes this machine run what is scheduled on it, and tells the cluster. Runs until the signal aborts and then leaves the machine
 * unmanaged: no unit is stopped, unless `stopUnitsOnShutdown` asks for it. Rejects with `failed_precondition` when another machine with this machine-id is alive.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const disk = options.disk ?? realDisk
  const files = await UnitFiles.open(options.config.unitsDirectory, disk)
  const records = await LaunchRecords.open(options.config.launchesDirectory, disk)
  await new Agent(options, files, records).run()
}

class Agent {
  readonly #options: AgentOptions
  readonly #files: UnitFiles
  readonly #records: LaunchRecords
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #passWake = new Wake()
  readonly #reportWake = new Wake()
  readonly #presence: Presence
  readonly #schedule: ScheduleView
  readonly #states: UnitStates
  readonly #texts: FileTexts
  readonly #reports: StateReports
  readonly #retries: Retries
  readonly #linked = new Set<UnitName>()
  readonly #jobs = new UnitJobs((unit) => this.#look(unit))
  #isGathering = false
  #lastSteps: ReadonlyMap<UnitName, string> = new Map()
  /** The lease under which a pass has seen the schedule and all states: only then a report is a full one. */
  #seenUnder: LeaseId | undefined
  #readyUnder: LeaseId | undefined

  constructor(options: AgentOptions, files: UnitFiles, records: LaunchRecords) {
    const { store, systemd, machine, config, clock, log, random } = options
    this.#options = options
    this.#files = files
    this.#records = records
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
    this.#states = new UnitStates(systemd)
    this.#texts = new FileTexts(store)
    this.#reports = new StateReports(store, machine.id)
    this.#retries = new Retries({ clock, random, signal: this.#signal, onDue: () => this.#passWake.ring() })
    this.#schedule = new ScheduleView({ ...options, signal: this.#signal, onNews: () => this.#passWake.ring() })
    this.#presence = new Presence({
      ...{ machine, store, clock, log, random, ttlMs: config.ttlMs, renewEveryMs: config.renewEveryMs },
      onJoined: () => this.#schedule.follow(),
      onConfirmed: () => this.#passWake.ring(),
    })
  }

  async run(): Promise<void> {
    this.#options.onStarted?.(() => this.#describe())
    const { systemd, clock, log, random } = this.#options
    const forget = systemd.onChange((unit) => this.#onSignal(unit))
    const loop = { clock, log, random, signal: this.#signal }
    const loops = [
      reconcileForever(() => this.#pass(), { ...loop, name: 'agent', wake: this.#passWake }),
      reconcileForever(() => this.#report(), { ...loop, name: 'states', wake: this.#reportWake }),
    ]
    try {
      await this.#presence.keep(this.#signal)
    } finally {
      forget()
      this.#stop.abort()
      await Promise.all(loops)
    }
    if (this.#options.config.stopUnitsOnShutdown === true) await this.#unloadAll()
    else await this.#within(leaveWithinMs, (signal) => this.#leaveUnmanaged(signal))
  }

  #onSignal(unit: UnitName | undefined): void {
    this.#states.markStale(unit)
    if (this.#isGathering) return
    this.#isGathering = true
    const ring = () => {
      this.#isGathering = false
      this.#passWake.ring()
    }
    this.#options.clock.sleep(gatherSignalsMs, this.#signal).then(ring, () => {})
  }

  #look(unit: UnitName): void {
    this.#states.markStale(unit)
    this.#passWake.ring()
  }

  /** Without a confirmed view of its schedule the agent does nothing: units keep running. */
  async #pass(): Promise<void> {
    const { machine } = this.#options
    const lease = this.#presence.lease
    if (this.#schedule.wanted === undefined || !this.#presence.isConfirmed()) return
    const wanted = new Map(this.#schedule.wanted)
    const units = new Set([...wanted.keys(), ...this.#files.names(), ...this.#records.names()])
    await this.#states.refresh(units)
    const loaded = new Map([...units].map((unit) => [unit, this.#loaded(unit)]))
    const held = new Set([...units].filter((unit) => this.#isHeld(unit, wanted)))
    const actions = planActions({ wanted, loaded, held, bootId: machine.bootId })
    this.#retries.keepOnly(units)
    this.#texts.keepOnly(new Set([...wanted.values()].map(({ hash }) => hash)))
    await this.#apply(actions, wanted, (unit, error) => this.#onFailed(unit, error, wanted))
    for (const { unit } of actions) this.#states.markStale(unit)
    this.#restIfNothingHelps(actions, wanted)
    if (actions.length > 0) this.#passWake.ring()
    this.#seenUnder = lease
    this.#reportWake.ring()
  }

  async #apply(
    actions: readonly Action[],
    wanted: Wanted,
    onFailed: (unit: UnitName, error: unknown) => void,
  ): Promise<void> {
    const { machine, systemd, log } = this.#options
    await applyActions(actions, wanted, {
      ...{ systemd, log, bootId: machine.bootId, linked: this.#linked },
      ...{ files: this.#files, records: this.#records, texts: this.#texts, states: this.#states, jobs: this.#jobs },
      onFailed,
      onStarted: (unit) => this.#look(unit),
    })
  }

  /** A pass after a pass finds nothing to do; a unit for which it finds the same again would keep the loop running hot. */
  #restIfNothingHelps(actions: readonly Action[], wanted: Wanted): void {
    const steps = new Map<UnitName, string>()
    for (const { unit, kind } of actions) {
      steps.set(unit, `${steps.get(unit) ?? wishOf(unit, wanted)} ${kind}`)
    }
    for (const [unit, taken] of steps) {
      if (taken !== this.#lastSteps.get(unit) || this.#isHeld(unit, wanted)) continue
      this.#onFailed(unit, new FlotaError('internal', `Cannot settle unit '${unit}': its steps had no effect`), wanted)
    }
    this.#lastSteps = steps
  }

  #loaded(unit: UnitName): LoadedUnit {
    return {
      file: this.#files.get(unit)?.hash,
      launch: this.#records.get(unit),
      state: this.#states.get(unit),
      isLinked: this.#linked.has(unit),
    }
  }

  #isHeld(unit: UnitName, wanted: Wanted): boolean {
    return this.#jobs.has(unit) || this.#schedule.isUnreadable(unit) || this.#retries.isHeld(unit, wishOf(unit, wanted))
  }

  #onFailed(unit: UnitName, error: unknown, wanted: Wanted): void {
    const waitMs = this.#retries.fail(unit, wishOf(unit, wanted))
    this.#options.log.warn('Unit step failed, trying again', { unit, error, waitMs: Math.round(waitMs) })
  }

  async #report(): Promise<void> {
    const lease = this.#presence.lease
    if (lease === undefined || lease !== this.#seenUnder) return
    if (!(await this.#reports.publish(this.#stateRecords(), lease, this.#signal))) {
      this.#presence.lost(lease)
      return
    }
    if (this.#readyUnder === lease) return
    await this.#presence.markReady(lease)
    this.#readyUnder = lease
  }

  #describe(): AgentState {
    const { wanted } = this.#schedule
    const names = new Set([...(wanted?.keys() ?? []), ...this.#files.names(), ...this.#records.names()])
    const units = [...names].toSorted().map((unit) => [unit, { ...this.#loaded(unit), isBusy: this.#jobs.has(unit) }])
    return {
      machine: this.#options.machine,
      isConfirmed: this.#presence.isConfirmed(),
      scheduled: wanted === undefined ? undefined : [...wanted.keys()].toSorted(),
      units: Object.fromEntries(units) as AgentState['units'],
    }
  }

  #stateRecords(): ReadonlyMap<UnitName, StateRecord> {
    return new Map(this.#files.names().flatMap((unit) => this.#stateRecord(unit)))
  }

  #stateRecord(unit: UnitName): readonly (readonly [UnitName, StateRecord])[] {
    const file = this.#files.get(unit)
    const { load, active, sub, activeSinceMs } = this.#states.get(unit)
    if (file === undefined || load === 'not-found') return []
    const record = this.#records.get(unit)
    const launch = record?.bootId === this.#options.machine.bootId ? record : undefined
    const since = activeSinceMs === 0 ? '' : this.#toIso(activeSinceMs)
    return [[unit, { load, active, sub, since, hash: launch?.hash ?? file.hash, generation: launch?.generation ?? 0 }]]
  }

  #toIso(epochMs: number): string {
    const time = this.#options.clock.wall()
    time.setTime(epochMs)
    return time.toISOString()
  }

  /** The machine stays a member until its last unit is gone, so that none of them runs twice. */
  async #unloadAll(): Promise<void> {
    const { log, clock } = this.#options
    const gone = new AbortController()
    const staying = this.#presence.keep(gone.signal)
    await this.#within(unloadWithinMs, async (signal) => {
      for (let next = await this.#unloadOnce(); next !== 'done'; next = await this.#unloadOnce()) {
        await clock.sleep(next === 'failed' ? afterFailedUnloadMs : unloadPauseMs, signal)
      }
    })
    gone.abort()
    await staying
    log.info('Leaves the cluster', { unitsLeft: this.#files.names().length })
    await this.#within(leaveWithinMs, (signal) => this.#presence.leave(signal))
  }

  /** `done` when no unit is left. */
  async #unloadOnce(): Promise<'done' | 'goes on' | 'failed'> {
    const { machine, log } = this.#options
    const units = new Set([...this.#files.names(), ...this.#records.names()])
    await this.#states.refresh(units)
    const loaded = new Map([...units].map((unit) => [unit, this.#loaded(unit)]))
    const held = new Set([...units].filter((unit) => this.#jobs.has(unit)))
    const actions = planActions({ wanted: new Map(), loaded, held, bootId: machine.bootId })
    let failures = 0
    await this.#apply(actions, new Map(), (unit, error) => {
      failures++
      log.warn('Cannot unload unit, trying again', { unit, error })
    })
    for (const unit of units) this.#states.markStale(unit)
    return units.size === 0 ? 'done' : failures > 0 ? 'failed' : 'goes on'
  }

  async #leaveUnmanaged(signal: AbortSignal): Promise<void> {
    const lease = await this.#presence.leaveUnmanaged(signal)
    if (lease === undefined) return
    await this.#reports.publish(this.#stateRecords(), lease, signal)
    await this.#presence.endOldLease()
  }

  /** A step of leaving: what keeps it from its end is logged, and ends nothing else. */
  async #within(ms: number, step: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, log } = this.#options
    const done = new AbortController()
    const late = new AbortController()
    clock.sleep(ms, done.signal).then(
      () => late.abort(new Error(`no end of it within ${ms} ms`)),
      () => {},
    )
    try {
      await step(late.signal)
    } catch (error) {
      log.warn('Cannot leave the cluster in order: units may move when the lease ends', { error })
    } finally {
      done.abort()
    }
  }
}

/** What a unit's last failure was about: another wish is tried at once. */
function wishOf(unit: UnitName, wanted: Wanted): string {
  const entry = wanted.get(unit)
  return entry === undefined ? 'gone' : [entry.hash, entry.generation, entry.desired, entry.phase].join(' ')
}

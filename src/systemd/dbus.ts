import { basename } from 'node:path'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError, hasCode } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { UnitName } from '../unit/unit.ts'
import { fromDbusError } from './dbus-error.ts'
import { DbusJobs } from './dbus-jobs.ts'
import type { DbusAddress, DbusCall, DbusSignal } from './dbus-link.ts'
import { DbusLink } from './dbus-link.ts'
import type { UnitRow } from './dbus-unit.ts'
import { readUnitRows, toSystemdUnit, unknownUnit } from './dbus-unit.ts'
import { InFlight } from './in-flight.ts'
import { fromObjectPath } from './object-path.ts'
import type { JobResult, Systemd, SystemdUnit } from './systemd.ts'
import { UnitLinks } from './unit-links.ts'

export interface DbusSystemdOptions {
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Tried in order at each connect. */
  readonly addresses?: readonly DbusAddress[]
  /** The machine's `/` as seen from here, where that is another. */
  readonly root?: string
}

/** systemd's private socket first: it works while the bus daemon is down and has no cap on pending calls. */
export const systemAddresses: readonly DbusAddress[] = [
  { kind: 'private', path: '/run/systemd/private' },
  { kind: 'bus', path: '/run/dbus/system_bus_socket' },
]

/** The system bus refuses more than 128 pending replies per connection (`max_replies_per_connection`, dbus-daemon(1)). */
const maxInFlight = 100
const reconnectWaitMs = 5_000
const managerPath = '/org/freedesktop/systemd1'
const managerInterface = 'org.freedesktop.systemd1.Manager'
const unitInterface = 'org.freedesktop.systemd1.Unit'
const serviceInterface = 'org.freedesktop.systemd1.Service'
const propertiesInterface = 'org.freedesktop.DBus.Properties'

/** Connects, or rejects with `unavailable` when no address answers. Once connected it comes back by itself. */
export async function connectSystemd(options: DbusSystemdOptions): Promise<DbusSystemd> {
  const systemd = new DbusSystemd(options)
  await systemd.connect()
  return systemd
}

export class DbusSystemd implements Systemd {
  readonly #options: DbusSystemdOptions
  readonly #jobs = new DbusJobs()
  readonly #slots = new InFlight(maxInFlight)
  readonly #known = new Set<string>()
  readonly #links: UnitLinks
  /** Units that were enabled through here: they have more links than their own. */
  readonly #enabled = new Set<string>()
  readonly #listeners = new Set<(unit: UnitName | undefined) => void>()
  readonly #closing = new AbortController()
  #link: DbusLink | undefined
  #waitingForLink: ((link: DbusLink) => void)[] = []

  constructor(options: DbusSystemdOptions) {
    this.#options = options
    this.#links = new UnitLinks(options.root ?? '/')
  }

  /** Tries each address once. */
  async connect(): Promise<void> {
    const link = await this.#openAny()
    await link.call(manager('Subscribe'))
    this.#link = link
    for (const resume of this.#waitingForLink.splice(0)) resume(link)
    this.#tell(undefined)
  }

  async link(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => this.#links.make(path)))
  }

  async enable(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    await this.#call(manager('EnableUnitFiles', 'asbb', [paths, true, true]), `Cannot enable ${paths.join(', ')}`)
    for (const path of paths) this.#enabled.add(basename(path))
  }

  async unlink(units: readonly UnitName[]): Promise<void> {
    // One by one: systemd stops at the first name it does not know and leaves the rest.
    await Promise.all(
      units.map(async (unit) => {
        this.#known.delete(unit)
        if (this.#enabled.has(unit)) await this.#disable(unit)
        await this.#links.remove(unit)
      }),
    )
  }

  async #disable(unit: UnitName): Promise<void> {
    await ignoreUnknown(this.#call(manager('DisableUnitFiles', 'asb', [[unit], true]), `Cannot unlink unit '${unit}'`))
    this.#enabled.delete(unit)
  }

  async reload(): Promise<void> {
    await this.#call(manager('Reload'), 'Cannot reload systemd')
  }

  start(unit: UnitName, onQueued?: () => void): Promise<JobResult> {
    return this.#runJob('start', unit, onQueued)
  }

  async stop(unit: UnitName): Promise<JobResult> {
    try {
      return await this.#runJob('stop', unit)
    } catch (error) {
      if (hasCode(error, 'not_found')) return 'done'
      throw error
    }
  }

  async resetFailed(unit: UnitName): Promise<void> {
    await ignoreUnknown(this.#call(manager('ResetFailedUnit', 's', [unit]), `Cannot reset unit '${unit}'`))
  }

  async states(units: readonly UnitName[]): Promise<ReadonlyMap<UnitName, SystemdUnit>> {
    if (units.length === 0) return new Map()
    for (const unit of units) this.#known.add(unit)
    const [rows] = await this.#call(manager('ListUnitsByNames', 'as', [units]), 'Cannot read unit states')
    const byName = new Map(readUnitRows(rows).map((row) => [row.name, row]))
    const entries = await Promise.all(units.map(async (unit) => [unit, await this.#details(byName.get(unit))] as const))
    return new Map(entries)
  }

  onChange(listener: (unit: UnitName | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    const error = new FlotaError('unavailable', 'Cannot call systemd: the connection was closed')
    this.#closing.abort(error)
    this.#link?.close()
    this.#link = undefined
    this.#jobs.failAll(error)
    return Promise.resolve()
  }

  async #openAny(): Promise<DbusLink> {
    const errors: unknown[] = []
    for (const address of this.#options.addresses ?? systemAddresses) {
      try {
        const link: DbusLink = await DbusLink.open(address, {
          clock: this.#options.clock,
          onSignal: (signal) => this.#onSignal(signal),
          onLost: () => this.#onLost(),
        })
        return link
      } catch (error) {
        errors.push(error)
      }
    }
    throw new FlotaError('unavailable', 'Cannot reach systemd', {
      cause: errors[0],
      hint: 'flotad runs as root on a machine whose first process is systemd',
    })
  }

  #onLost(): void {
    if (this.#closing.signal.aborted || this.#link === undefined) return
    this.#link = undefined
    this.#options.log.debug('Connection to systemd lost')
    void this.#reconnect()
  }

  /** systemd drops its private connections at each daemon-reexec. */
  async #reconnect(): Promise<void> {
    const { clock, random, log } = this.#options
    const { signal } = this.#closing
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.connect()
        await this.#settleJobs()
        return
      } catch (error) {
        log.debug('Systemd does not answer yet', { attempt, error })
        await clock.sleep(backoffMs(attempt, { firstMs: 20, maxMs: 2_000, random }), signal).catch(() => {})
      }
    }
  }

  /** Jobs live on across a re-execution, under the same id; one that is gone ended while nobody listened. */
  async #settleJobs(): Promise<void> {
    for (const { path, unit, verb } of this.#jobs.pending()) {
      const id = Number(path.slice(path.lastIndexOf('/') + 1))
      const isGone = await this.#call(manager('GetJob', 'u', [id]), `Cannot read job ${id}`).then(
        () => false,
        (error: unknown) => hasCode(error, 'not_found'),
      )
      if (!isGone) continue
      const state = (await this.states([unit])).get(unit)
      this.#jobs.finish(path, verb === 'start' && state?.active === 'failed' ? 'failed' : 'done')
    }
  }

  #runJob(verb: 'start' | 'stop', unit: UnitName, onQueued?: () => void): Promise<JobResult> {
    this.#known.add(unit)
    return new Promise((resolve, reject) => {
      const call = manager(verb === 'start' ? 'StartUnit' : 'StopUnit', 'ss', [unit, 'replace'])
      this.#call(call, `Cannot ${verb} unit '${unit}'`, ([path]) => {
        this.#jobs.add({ path: String(path), unit, verb, resolve, reject })
        onQueued?.()
      }).catch(reject)
    })
  }

  async #details(row: UnitRow | undefined): Promise<SystemdUnit> {
    if (row === undefined || row.load === 'not-found') return unknownUnit
    const read = (from: string, name: string) => this.#property(row.path, from, name)
    const isService = row.name.endsWith('.service') && row.active !== 'inactive'
    const [invocationId, needsReload, activeSinceMicroseconds, mainPid] = await Promise.all([
      read(unitInterface, 'InvocationID'),
      read(unitInterface, 'NeedDaemonReload'),
      read(unitInterface, 'ActiveEnterTimestamp'),
      isService ? read(serviceInterface, 'MainPID') : 0,
    ])
    return toSystemdUnit(row, { invocationId, needsReload, activeSinceMicroseconds, mainPid })
  }

  /** Undefined when the unit went away between the list and this. */
  async #property(path: string, from: string, name: string): Promise<unknown> {
    const call = { path, interface: propertiesInterface, member: 'Get', signature: 'ss', body: [from, name] }
    try {
      return (await this.#call(call, `Cannot read ${name} of '${path}'`))[0]
    } catch (error) {
      if (hasCode(error, 'not_found')) return undefined
      throw error
    }
  }

  async #call(
    call: DbusCall,
    what: string,
    onReply?: (values: readonly unknown[]) => void,
  ): Promise<readonly unknown[]> {
    return this.#slots.run(async () => {
      const link = this.#link ?? (await this.#nextLink(what))
      try {
        return await link.call(call, onReply)
      } catch (error) {
        throw fromDbusError(error, what)
      }
    })
  }

  async #nextLink(what: string): Promise<DbusLink> {
    const done = new AbortController()
    const signal = AbortSignal.any([this.#closing.signal, done.signal])
    const link = new Promise<DbusLink>((resolve) => this.#waitingForLink.push(resolve))
    const late = this.#options.clock.sleep(reconnectWaitMs, signal).then(() => {
      throw new FlotaError('unavailable', `${what}: systemd does not answer`)
    })
    try {
      return await Promise.race([link, late])
    } finally {
      late.catch(() => {})
      done.abort()
    }
  }

  #onSignal({ path, interface: from, member, body }: DbusSignal): void {
    if (member === 'PropertiesChanged' && from === propertiesInterface) this.#tellKnown(fromObjectPath(path))
    else if (member === 'NameOwnerChanged' && body[2] !== '') this.#onNewOwner()
    else if (from !== managerInterface) return
    else if (member === 'JobRemoved') this.#jobs.finish(String(body[1]), String(body[3]))
    else if (member === 'UnitRemoved') this.#tellKnown(String(body[0]))
    else if (member === 'Reloading' && body[0] === false) this.#tell(undefined)
  }

  /** On the bus a re-execution of systemd does not break our connection, only our subscription. */
  #onNewOwner(): void {
    this.#call(manager('Subscribe'), 'Cannot subscribe to systemd')
      .then(() => this.#settleJobs())
      .then(() => this.#tell(undefined))
      .catch((error: unknown) => this.#options.log.warn('Cannot follow systemd', { error }))
  }

  #tellKnown(unit: string | undefined): void {
    if (unit !== undefined && this.#known.has(unit)) this.#tell(unit as UnitName)
  }

  #tell(unit: UnitName | undefined): void {
    for (const listener of this.#listeners) listener(unit)
  }
}

function manager(member: string, signature?: string, body?: readonly unknown[]): DbusCall {
  const call = { path: managerPath, interface: managerInterface, member }
  return signature === undefined || body === undefined ? call : { ...call, signature, body }
}

async function ignoreUnknown(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!hasCode(error, 'not_found')) throw error
  }
}

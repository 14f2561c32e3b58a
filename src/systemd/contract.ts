import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasCode } from '../lib/errors.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Systemd, SystemdUnit } from './systemd.ts'

/** One systemd under test, and the few things a test must do behind the port's back. */
export interface ContractSubject {
  readonly systemd: Systemd
  /** Writes a unit file where systemd can read it and returns the path by which systemd knows it. */
  writeFile(name: string, text: string): Promise<string>
  /** Ends what this subject started. */
  close(): Promise<void>
}

const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n'
const oneShot = '[Service]\nType=oneshot\nExecStart=/bin/true\n'
const failing = '[Service]\nExecStart=/bin/false\nType=oneshot\n'
const withInstall = `${sleeper}\n[Install]\nWantedBy=multi-user.target\n`

let subject: ContractSubject
let systemd: Systemd

/** Every implementation of the port passes this. `failing.service` is a unit whose start command fails. */
export function describeSystemd(title: string, open: () => Promise<ContractSubject>): void {
  describe(title, () => {
    beforeEach(async () => {
      subject = await open()
      systemd = subject.systemd
    })
    afterEach(() => subject.close())
    describeJobs()
    describeFiles()
    describeSignals()
    describeUnknown()
  })
}

async function load(name: string, text: string): Promise<UnitName> {
  await systemd.link([await subject.writeFile(name, text)])
  return name as UnitName
}

async function stateOf(unit: UnitName): Promise<SystemdUnit> {
  const state = (await systemd.states([unit])).get(unit)
  if (state === undefined) throw new Error(`no state of ${unit}`)
  return state
}

function describeJobs(): void {
  it('starts a linked unit and says when it is running', async () => {
    const unit = await load('contract-run.service', sleeper)
    expect(await stateOf(unit)).toMatchObject({ load: 'loaded', active: 'inactive', sub: 'dead', mainPid: 0 })
    expect(await systemd.start(unit)).toBe('done')
    const state = await stateOf(unit)
    expect(state).toMatchObject({ load: 'loaded', active: 'active', sub: 'running' })
    expect(state.mainPid).toBeGreaterThan(1)
    expect(state.invocationId).toMatch(/^[0-9a-f]{32}$/)
    expect(state.activeSinceMs).toBeGreaterThan(1_600_000_000_000)
  })
  it('leaves a running unit alone when it is started again', async () => {
    const unit = await load('contract-again.service', sleeper)
    await systemd.start(unit)
    const before = await stateOf(unit)
    expect(await systemd.start(unit)).toBe('done')
    expect(await stateOf(unit)).toEqual(before)
  })
  it('tells that a start was taken before it is over', async () => {
    const unit = await load('contract-queued.service', sleeper)
    let isOver = false
    let wasOverWhenQueued: boolean | undefined
    const job = systemd.start(unit, () => (wasOverWhenQueued = isOver))
    await job
    isOver = true
    expect(wasOverWhenQueued).toBe(false)
  })
  it('stops a unit and resolves when it is over', async () => {
    const unit = await load('contract-stop.service', sleeper)
    await systemd.start(unit)
    expect(await systemd.stop(unit)).toBe('done')
    expect(await stateOf(unit)).toMatchObject({ active: 'inactive', sub: 'dead', mainPid: 0 })
  })
  it('gives the result of a start that fails, and forgets the failure when asked', async () => {
    const unit = await load('failing.service', failing)
    expect(await systemd.start(unit)).toBe('failed')
    expect(await stateOf(unit)).toMatchObject({ active: 'failed', sub: 'failed' })
    await systemd.resetFailed(unit)
    expect(await stateOf(unit)).toMatchObject({ active: 'inactive', sub: 'dead' })
  })
  it('calls a one-shot unit done when it has run', async () => {
    const unit = await load('contract-once.service', oneShot)
    expect(await systemd.start(unit)).toBe('done')
    expect((await stateOf(unit)).active).toBe('inactive')
  })
  it('runs more jobs at a time than one connection may have calls in flight', async () => {
    const names = Array.from({ length: 130 }, (_, i) => `contract-many-${i}.service`)
    const units = await Promise.all(names.map((name) => load(name, oneShot)))
    expect(new Set(await Promise.all(units.map((unit) => systemd.start(unit))))).toEqual(new Set(['done']))
  })
}

function describeFiles(): void {
  it('loads units of every type', async () => {
    await load('contract-typed.service', sleeper)
    const timer = await load('contract-typed.timer', '[Timer]\nOnActiveSec=1h\n')
    const path = await load('contract-typed.path', '[Path]\nPathExists=/nowhere/at/all\n')
    const socket = await load('contract-typed.socket', '[Socket]\nListenStream=/run/contract-typed.sock\n')
    for (const unit of [timer, path, socket]) expect(await systemd.start(unit)).toBe('done')
    expect(await stateOf(timer)).toMatchObject({ active: 'active', sub: 'waiting', mainPid: 0 })
    expect(await stateOf(path)).toMatchObject({ active: 'active', sub: 'waiting' })
    expect(await stateOf(socket)).toMatchObject({ active: 'active', sub: 'listening' })
  })
  it('takes a changed file of a running unit only with a reload, and does not restart the unit', async () => {
    const unit = await load('contract-changed.service', sleeper)
    await systemd.start(unit)
    const before = await stateOf(unit)
    await subject.writeFile(unit, `${sleeper}# changed\n`)
    expect((await stateOf(unit)).needsReload).toBe(true)
    await systemd.reload()
    expect(await stateOf(unit)).toEqual({ ...before, needsReload: false })
  })
  it('says of no unit that it changed because another one was linked', async () => {
    const unit = await load('contract-first.service', sleeper)
    await load('contract-second.service', sleeper)
    expect((await stateOf(unit)).needsReload).toBe(false)
  })
  it('enables a unit, and takes its links away so that it is unknown again', async () => {
    const path = await subject.writeFile('contract-enabled.service', withInstall)
    const unit = 'contract-enabled.service' as UnitName
    await systemd.link([path])
    await systemd.enable([path])
    expect((await stateOf(unit)).load).toBe('loaded')
    await systemd.unlink([unit])
    expect((await stateOf(unit)).load).toBe('not-found')
  })
}

function describeSignals(): void {
  it('calls back for a unit that changed, and for no unit that nobody asked about', async () => {
    const unit = await load('contract-signal.service', sleeper)
    const seen = new Set<UnitName | undefined>()
    await systemd.states([unit])
    const forget = systemd.onChange((changed) => seen.add(changed))
    await systemd.start(unit)
    await expect.poll(() => [...seen], { timeout: 2_000 }).toEqual([unit])
    forget()
    seen.clear()
    await systemd.stop(unit)
    expect([...seen]).toEqual([])
  })
}

function describeUnknown(): void {
  it('takes it as done that an unknown unit is to be gone', async () => {
    const unit = 'contract-never.service' as UnitName
    expect(await systemd.stop(unit)).toBe('done')
    await systemd.resetFailed(unit)
    await systemd.unlink([unit])
    expect(await stateOf(unit)).toMatchObject({ load: 'not-found', active: 'inactive', sub: 'dead' })
  })
  it('refuses to start an unknown unit, naming it', async () => {
    const start = systemd.start('contract-never.service' as UnitName)
    await expect(start).rejects.toSatisfy((error) => hasCode(error, 'not_found'))
    await expect(start).rejects.toThrow("Cannot start unit 'contract-never.service'")
  })
  it('refuses to link a file that does not exist', async () => {
    await expect(systemd.link(['/run/contract-nowhere/a.service'])).rejects.toThrow('Cannot link')
  })
}

import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoneMachine } from '../../test/real/machine.ts'
import { bootMachine } from '../../test/real/machine.ts'
import { relaySocket } from '../../test/real/socket-relay.ts'
import type { ScheduleRecord } from '../cluster/records.ts'
import { realClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { parseMachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Operation } from '../store/store.ts'
import type { DbusSystemd } from '../systemd/dbus.ts'
import { connectSystemd } from '../systemd/dbus.ts'
import type { UnitName } from '../unit/unit.ts'
import { runAgent } from './agent.ts'
import type { Disk } from './disk.ts'
import { realDisk } from './disk.ts'
import { toUnitFile } from './unit-files.ts'

const id = parseMachineId('cd'.repeat(16))
const relay = '/run/agent-test.sock'
const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n'
const store = new MemoryStore(realClock)

let machine: LoneMachine
let endRelay: () => Promise<void>
let systemd: DbusSystemd
let agent: { readonly stop: () => Promise<void> }

/** The agent runs on the host; its files are the machine's. */
const guestDisk = (): Disk => ({
  list: (folder) => realDisk.list(machine.path(folder)),
  read: (path) => realDisk.read(machine.path(path)),
  write: (path, text) => realDisk.write(machine.path(path), text),
  remove: (path) => realDisk.remove(machine.path(path)),
})

beforeAll(async () => {
  machine = await bootMachine('agentreal')
  endRelay = await relaySocket(machine, relay, '/run/systemd/private')
  const addresses = [{ kind: 'private', path: machine.path(relay) }] as const
  systemd = await connectSystemd({
    clock: realClock,
    log: silentLog,
    random: Math.random,
    addresses,
    root: machine.path('/'),
  })
  agent = startAgent()
})
afterAll(async () => {
  await agent.stop()
  await systemd.close()
  await endRelay()
  await machine.destroy()
})

function startAgent() {
  const controller = new AbortController()
  const done = runAgent({
    machine: { id, nonce: 'n', bootId: 'b', publicIp: '', metadata: {}, version: '0' },
    ...{ store, systemd, clock: realClock, log: silentLog, random: Math.random, disk: guestDisk() },
    config: {
      unitsDirectory: '/run/fleet/units',
      launchesDirectory: '/run/flota/launches',
      ttlMs: 8_000,
      renewEveryMs: 2_000,
    },
    signal: controller.signal,
  })
  const stop = async () => {
    controller.abort()
    await done
  }
  return { stop }
}

function entry(unit: string, text: string, change: Partial<ScheduleRecord> = {}): readonly Operation[] {
  const { hash } = toUnitFile(text)
  const record = { hash, desired: 'launched', generation: 1, phase: 'placed', reason: '', ...change } as const
  return [
    { kind: 'put', key: keys.file(hash), value: text },
    { kind: 'put', key: keys.schedule(id, unit as UnitName), value: codecs.schedule.encode(record) },
  ]
}

const put = (operations: readonly Operation[]) => store.commit({ operations })
const remove = (unit: string) => put([{ kind: 'delete', key: keys.schedule(id, unit as UnitName) }])

async function stateOf(unit: string): Promise<string> {
  const [found] = (await store.read({ key: keys.state(id, unit as UnitName) })).entries
  return found === undefined ? 'none' : codecs.state.decode(found.value).active
}

const becomes = (unit: string, active: string) =>
  expect.poll(() => stateOf(unit), { timeout: 10_000, interval: 5 }).toBe(active)

const pidOf = async (unit: string) => (await systemd.states([unit as UnitName])).get(unit as UnitName)?.mainPid

it('runs a unit within 100 ms of its schedule entry', async () => {
  await put(entry('warm.service', sleeper))
  await becomes('warm.service', 'active')
  const times: number[] = []
  for (let i = 0; i < 10; i++) {
    const beganMs = realClock.nowMs()
    await put(entry(`quick@${i}.service`, sleeper))
    await becomes(`quick@${i}.service`, 'active')
    times.push(realClock.nowMs() - beganMs)
  }
  expect(times.toSorted((a, b) => a - b)[5]).toBeLessThan(100)
})

it('starts a unit that was asked about before its file was there', async () => {
  await systemd.states(['late.service' as UnitName])
  await put(entry('late.service', sleeper))
  await becomes('late.service', 'active')
})

it('takes another content of a unit that is held in memory by others', async () => {
  const timer = '[Timer]\nOnActiveSec=1h\nUnit=held.service\n'
  await put([...entry('held.service', sleeper), ...entry('held.timer', timer)])
  await becomes('held.timer', 'active')
  await becomes('held.service', 'active')
  await put(entry('held.service', '[Service]\nExecStart=/bin/sleep 12345\n', { generation: 2 }))
  await expect
    .poll(() => machine.exec(['systemctl', 'show', '--property=ExecStart', 'held.service']), { timeout: 5_000 })
    .toContain('12345')
  await becomes('held.service', 'active')
  expect(await machine.exec(['ps', '-o', 'args=', '-p', await guestPid('held.service')])).toContain('12345')
})

const guestPid = (unit: string): Promise<string> =>
  machine.exec(['systemctl', 'show', '--property=MainPID', '--value', unit]).then((text) => text.trim())

it('enables a unit with an [Install] section and leaves no link when it goes', async () => {
  await put(entry('wanted.service', `${sleeper}\n[Install]\nWantedBy=multi-user.target\n`))
  await becomes('wanted.service', 'active')
  expect(await machine.exec(['systemctl', 'is-enabled', 'wanted.service'])).toBe('enabled-runtime\n')
  await remove('wanted.service')
  await becomes('wanted.service', 'none')
  const links = await machine.exec(['find', '/run/systemd/system', '/run/fleet/units', '-name', 'wanted*'])
  expect(links).toBe('')
})

it('takes a failed unit away', async () => {
  await put(entry('bad.service', '[Service]\nType=oneshot\nExecStart=/bin/false\n'))
  await becomes('bad.service', 'failed')
  await remove('bad.service')
  await becomes('bad.service', 'none')
})

it('restarts nothing when flotad is restarted', async () => {
  const before = await pidOf('warm.service')
  await agent.stop()
  agent = startAgent()
  await put(entry('after.service', sleeper))
  await becomes('after.service', 'active')
  expect(await pidOf('warm.service')).toBe(before)
})

it('starts and removes a hundred units without one of them waiting for all others', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `many@${i}.service`)
  for (const name of names) await put(entry(name, sleeper))
  for (const name of names) await becomes(name, 'active')
  const beganMs = realClock.nowMs()
  for (const name of names) await remove(name)
  for (const name of names) await becomes(name, 'none')
  expect(realClock.nowMs() - beganMs).toBeLessThan(20_000)
  expect(await machine.exec(['find', '/run/systemd/system', '/run/fleet/units', '/run/flota', '-name', 'many*'])).toBe(
    '',
  )
})

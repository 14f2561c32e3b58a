import { mkdir, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoneMachine } from '../../test/real/machine.ts'
import { bootMachine } from '../../test/real/machine.ts'
import { relaySocket } from '../../test/real/socket-relay.ts'
import { realClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import type { UnitName } from '../unit/unit.ts'
import { describeSystemd } from './contract.ts'
import type { DbusSystemd } from './dbus.ts'
import { connectSystemd } from './dbus.ts'
import type { DbusAddress } from './dbus-link.ts'

let machine: LoneMachine
let endRelay: () => Promise<void>
const folder = '/run/contract/units'
const privateSocket = '/run/contract-private.sock'

beforeAll(async () => {
  machine = await bootMachine('agentlab')
  endRelay = await relaySocket(machine, privateSocket, '/run/systemd/private')
})
afterAll(async () => {
  await endRelay()
  await machine.destroy()
})

const connect = (kind: DbusAddress['kind'], socket: string): Promise<DbusSystemd> =>
  connectSystemd({
    clock: realClock,
    log: silentLog,
    random: Math.random,
    addresses: [{ kind, path: machine.path(socket) }],
    root: machine.path('/'),
  })

const connectPrivately = () => connect('private', privateSocket)

async function writeUnit(name: string, text: string): Promise<string> {
  await mkdir(machine.path(folder), { recursive: true })
  await writeFile(machine.path(`${folder}/${name}`), text)
  return `${folder}/${name}`
}

async function open(kind: DbusAddress['kind'], socket: string) {
  const systemd = await connect(kind, socket)
  const units = new Set<UnitName>()
  const writeFile = (name: string, text: string) => {
    units.add(name as UnitName)
    return writeUnit(name, text)
  }
  const close = async () => {
    const names = [...units]
    await Promise.all(names.map((unit) => systemd.stop(unit)))
    await systemd.unlink(names)
    await Promise.all(names.map((unit) => systemd.resetFailed(unit)))
    await systemd.close()
    await rm(machine.path(folder), { recursive: true, force: true })
  }
  return { systemd, writeFile, close }
}

describeSystemd('systemd by its private socket', () => open('private', privateSocket))
describeSystemd('systemd by the system bus', () => open('bus', '/run/dbus/system_bus_socket'))

it('comes back after systemd re-executed itself, tells it, and hears of changes again', async () => {
  const { systemd, writeFile, close } = await open('private', privateSocket)
  const unit = 'again.service' as UnitName
  await systemd.link([await writeFile(unit, '[Service]\nExecStart=/bin/sleep infinity\n')])
  await systemd.start(unit)
  const before = (await systemd.states([unit])).get(unit)
  const seen: (UnitName | undefined)[] = []
  systemd.onChange((changed) => seen.push(changed))
  await machine.exec(['systemctl', 'daemon-reexec'])
  await expect.poll(() => seen, { timeout: 10_000 }).toContain(undefined)
  expect((await systemd.states([unit])).get(unit)?.mainPid).toBe(before?.mainPid)
  seen.length = 0
  await machine.exec(['systemctl', 'stop', unit])
  await expect.poll(() => seen, { timeout: 2_000 }).toContain(unit)
  await close()
})

it('ends the wait for a job that ended while systemd re-executed itself', async () => {
  const { systemd, writeFile, close } = await open('private', privateSocket)
  const unit = 'slow.service' as UnitName
  await systemd.link([await writeFile(unit, '[Service]\nType=oneshot\nExecStart=/bin/sleep 0.5\n')])
  const job = systemd.start(unit, () => void machine.exec(['systemctl', 'daemon-reexec']))
  expect(await job).toBe('done')
  await close()
})

it('cancels a start that takes for ever when the unit is stopped', async () => {
  const { systemd, writeFile, close } = await open('private', privateSocket)
  const unit = 'endless.service' as UnitName
  await systemd.link([await writeFile(unit, '[Service]\nType=oneshot\nTimeoutSec=0\nExecStart=/bin/sleep infinity\n')])
  const start = systemd.start(unit)
  await expect.poll(async () => (await systemd.states([unit])).get(unit)?.active).toBe('activating')
  expect(await systemd.stop(unit)).toBe('done')
  expect(await start).toBe('canceled')
  await close()
})

it('falls back to the system bus where the private socket is not there, and says so where neither is', async () => {
  const options = { clock: realClock, log: silentLog, random: Math.random }
  const nowhere = { kind: 'private', path: machine.path('/run/systemd/nowhere') } as const
  const bus = { kind: 'bus', path: machine.path('/run/dbus/system_bus_socket') } as const
  const systemd = await connectSystemd({ ...options, addresses: [nowhere, bus] })
  const unit = 'multi-user.target' as UnitName
  expect((await systemd.states([unit])).get(unit)).toMatchObject({ active: 'active' })
  await systemd.close()
  await expect(connectSystemd({ ...options, addresses: [nowhere] })).rejects.toThrow('Cannot reach systemd')
})

it('starts a unit within 20 ms of the call, from a file that systemd never saw', async () => {
  const systemd = await connectPrivately()
  const times: number[] = []
  for (let i = 0; i < 10; i++) {
    const unit = `quick-${i}.service` as UnitName
    const path = await writeUnit(unit, '[Service]\nExecStart=/bin/sleep infinity\n')
    const beganMs = realClock.nowMs()
    await systemd.link([path])
    await new Promise<void>((resolve, reject) => {
      systemd.start(unit, resolve).catch(reject)
    })
    times.push(realClock.nowMs() - beganMs)
    await systemd.stop(unit)
    await systemd.unlink([unit])
  }
  expect(times.toSorted((a, b) => a - b)[5]).toBeLessThan(20)
  await systemd.close()
})

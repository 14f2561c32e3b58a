import { expect, it } from 'vitest'
import { keys } from '../store/keys.ts'
import { Life, TestMachine } from './test-agent.ts'

const fleetsWay = { stopUnitsOnShutdown: true }

async function withUnits(): Promise<{ machine: TestMachine; stop: () => Promise<void> }> {
  const machine = new TestMachine()
  const { stop } = machine.start(new Life(), {}, fleetsWay)
  await machine.schedule('a.service')
  await machine.schedule('b.service', { desired: 'loaded' })
  machine.calls()
  return { machine, stop }
}

it('stops and unloads every unit at its end when that is asked for, and leaves the cluster', async () => {
  const { machine, stop } = await withUnits()
  const stopped = stop()
  await machine.pass(5_000)
  await stopped
  expect(machine.systemd.running()).toEqual(new Map())
  expect([...machine.files.keys()]).toEqual([])
  expect(machine.calls()).toEqual([
    'stop a.service',
    'unlink b.service',
    'reset-failed b.service',
    'unlink a.service',
    'reset-failed a.service',
  ])
  expect(await machine.presence()).toBeUndefined()
  expect(await machine.state('a.service')).toBeUndefined()
})

it('stays a member while a unit takes its time to stop', async () => {
  const { machine, stop } = await withUnits()
  machine.systemd.script('a.service', { stopMs: 20_000 })
  const stopped = stop()
  await machine.pass(15_000)
  expect(await machine.presence()).toBeDefined()
  await machine.pass(6_000)
  await stopped
  expect(await machine.presence()).toBeUndefined()
})

it('goes in the end when a unit does not stop', async () => {
  const { machine, stop } = await withUnits()
  machine.systemd.script('a.service', { refuses: 'stop' })
  const stopped = stop()
  await machine.pass(90_000)
  await stopped
  expect(await machine.presence()).toBeUndefined()
  expect(machine.pidOf('a.service')).toBeDefined()
})

it('starts again what is still scheduled here when flotad is back', async () => {
  const { machine, stop } = await withUnits()
  const stopped = stop()
  await machine.pass(5_000)
  await stopped
  machine.start()
  await machine.pass(1_000)
  expect([...machine.systemd.running().keys()]).toEqual(['a.service'])
  const record = await machine.read(keys.machineRecord(machine.machine.id))
  expect(record?.value).toContain('"leaseSeconds":8')
})

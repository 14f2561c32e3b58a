import { expect, it } from 'vitest'
import { keys } from '../store/keys.ts'
import { codecs } from '../store/codec.ts'
import type { UnitName } from '../unit/unit.ts'
import { hashOf, oneShot, sleeper, TestMachine } from './test-agent.ts'

const other = '[Service]\nExecStart=/bin/sleep 1000\n'

it('writes, links and starts a unit that is scheduled here, and reports it', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.settle()
  await machine.schedule('a.service')
  expect(machine.calls()).toEqual(['link a.service', 'start a.service'])
  expect(machine.files.get('/units/a.service')).toBe(sleeper)
  expect(await machine.state('a.service')).toEqual({
    load: 'loaded',
    active: 'active',
    sub: 'running',
    hash: hashOf(sleeper),
    generation: 1,
    since: expect.stringMatching(/^2026-01-01T/) as string,
  })
  await agent.stop()
})

it('is ready only after it reported all states under its lease', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.schedule('a.service')
  await agent.stop()
  await machine.pass(700_000)
  expect(await machine.presence()).toBeUndefined()
  machine.start()
  await machine.settle()
  const presence = await machine.read(keys.machinePresence(machine.machine.id))
  const state = await machine.read(keys.state(machine.machine.id, 'a.service' as UnitName))
  expect(codecs.presence.decode(presence?.value ?? '')).toEqual({ bootId: 'boot-1', nonce: 'nonce-1', isReady: true })
  expect(state?.lease).toBe(presence?.lease)
  expect(state?.createRevision).toBeLessThan(presence?.modRevision ?? 0n)
})

it('does not start what is to be loaded, starts it when launched, and stops it again', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service', { desired: 'loaded', generation: 0 })
  expect(machine.calls()).toEqual(['link a.service'])
  expect(await machine.state('a.service')).toMatchObject({ active: 'inactive', generation: 0 })
  await machine.schedule('a.service', { generation: 1 })
  expect(machine.calls()).toEqual(['start a.service'])
  await machine.schedule('a.service', { desired: 'loaded', generation: 1 })
  expect(machine.calls()).toEqual(['stop a.service'])
  expect(machine.files.has('/launches/a.service.json')).toBe(false)
  await machine.schedule('a.service', { generation: 2 })
  expect(machine.calls()).toEqual(['start a.service'])
})

it('enables a unit with an [Install] section', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service', { text: `${sleeper}\n[Install]\nWantedBy=multi-user.target\n` })
  expect(machine.calls()).toEqual(['link a.service', 'enable a.service', 'start a.service'])
})

it('takes a unit away only after its stop is over', async () => {
  const machine = new TestMachine()
  machine.start()
  machine.systemd.script('a.service', { stopMs: 90_000 })
  await machine.schedule('a.service')
  machine.calls()
  await machine.unschedule('a.service')
  expect(machine.calls()).toEqual(['stop a.service'])
  await machine.pass(80_000)
  expect(machine.files.has('/units/a.service')).toBe(true)
  expect(await machine.state('a.service')).toMatchObject({ active: 'deactivating' })
  await machine.pass(11_000)
  expect(machine.calls()).toEqual(['unlink a.service', 'reset-failed a.service'])
  expect([...machine.files.keys()]).toEqual([])
  expect(await machine.state('a.service')).toBeUndefined()
})

it('replaces the content of a running unit by stop, write and start', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  machine.calls()
  await machine.schedule('a.service', { text: other, generation: 2 })
  expect(machine.calls()).toEqual(['stop a.service', 'link a.service', 'reload', 'start a.service'])
  expect(await machine.state('a.service')).toMatchObject({ hash: hashOf(other), generation: 2, active: 'active' })
})

it('restarts a running unit when a new start is asked for', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  const pid = machine.pidOf('a.service')
  machine.calls()
  await machine.schedule('a.service', { generation: 2 })
  expect(machine.calls()).toEqual(['stop a.service', 'start a.service'])
  expect(machine.pidOf('a.service')).not.toBe(pid)
})

it.each(['leaving', 'draining'] as const)('keeps a %s unit running and never starts one', async (phase) => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  machine.calls()
  await machine.schedule('a.service', { phase, text: other, generation: 2 })
  await machine.schedule('b.service', { phase })
  expect(machine.calls()).toEqual([])
  await machine.unschedule('a.service')
  expect(machine.calls()[0]).toBe('stop a.service')
})

it('adopts what runs after a restart of flotad: same processes, nothing asked but links', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.schedule('a.service')
  await machine.schedule('b.timer', { text: '[Timer]\nOnActiveSec=1h\n' })
  const pids = machine.systemd.running()
  await agent.stop()
  machine.calls()
  machine.start()
  await machine.settle()
  expect(machine.calls()).toEqual(['link a.service b.timer'])
  expect(machine.systemd.running()).toEqual(pids)
  expect(await machine.state('b.timer')).toMatchObject({ active: 'active', sub: 'waiting' })
})

it('adopts a running unit of the same content of which no launch is recorded', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.schedule('a.service')
  await agent.stop()
  const pid = machine.pidOf('a.service')
  machine.files.delete('/launches/a.service.json')
  machine.start()
  await machine.settle()
  expect(machine.pidOf('a.service')).toBe(pid)
  expect(await machine.state('a.service')).toMatchObject({ generation: 1 })
})

it.each([
  { title: 'a one-shot unit that has run', text: oneShot, fails: false },
  { title: 'a failed unit', text: sleeper, fails: true },
])('does not run $title again after a restart of flotad', async ({ text, fails }) => {
  const machine = new TestMachine()
  if (fails) machine.systemd.script('a.service', { startResult: 'failed' })
  const agent = machine.start()
  await machine.schedule('a.service', { text })
  await agent.stop()
  machine.calls()
  machine.start()
  await machine.settle()
  expect(machine.calls()).toEqual(['link a.service'])
  expect(await machine.state('a.service')).toMatchObject({ active: fails ? 'failed' : 'inactive', generation: 1 })
})

it('starts a one-shot unit again after a reboot', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service', { text: oneShot })
  const rebooted = new TestMachine()
  rebooted.start(undefined, { bootId: 'boot-2' })
  await rebooted.schedule('a.service', { text: oneShot })
  expect(rebooted.calls()).toEqual(['link a.service', 'start a.service'])
})

it('stops and unloads at its start what is no longer scheduled', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.schedule('a.service')
  await agent.stop()
  await machine.unschedule('a.service')
  machine.calls()
  machine.start()
  await machine.settle()
  expect(machine.calls()).toEqual(['stop a.service', 'unlink a.service', 'reset-failed a.service'])
})

it('lets neither a slow stop nor a slow start hold up another unit', async () => {
  const machine = new TestMachine()
  machine.start()
  machine.systemd.script('slow.service', { stopMs: 90_000 })
  machine.systemd.script('pull.service', { startMs: 300_000 })
  await machine.schedule('slow.service')
  await machine.schedule('pull.service')
  await machine.unschedule('slow.service')
  await machine.schedule('quick.service')
  expect(await machine.state('quick.service')).toMatchObject({ active: 'active' })
  expect(await machine.state('pull.service')).toMatchObject({ active: 'activating' })
  expect(await machine.state('slow.service')).toMatchObject({ active: 'deactivating' })
})

it('stops a unit in the middle of an endless start', async () => {
  const machine = new TestMachine()
  machine.start()
  machine.systemd.script('pull.service', { startMs: 1e9 })
  await machine.schedule('pull.service')
  await machine.schedule('pull.service', { desired: 'loaded' })
  expect(await machine.state('pull.service')).toMatchObject({ active: 'inactive' })
  expect(machine.pidOf('pull.service')).toBeUndefined()
})

it.each(['link', 'start'] as const)(
  'starts all others when one unit refuses to %s, and tries that one again',
  async (refuses) => {
    const machine = new TestMachine()
    machine.systemd.script('bad.service', { refuses })
    const names = ['a.service', 'bad.service', 'c.service']
    for (const name of names) await machine.schedule(name)
    machine.start()
    await machine.settle()
    expect([...machine.systemd.running().keys()].toSorted()).toEqual(['a.service', 'c.service'])
    machine.systemd.script('bad.service', {})
    await machine.pass(1_000)
    expect([...machine.systemd.running().keys()].toSorted()).toEqual(names)
  },
)

it('leaves a unit alone whose entry it cannot read', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  machine.calls()
  const key = keys.schedule(machine.machine.id, 'a.service' as UnitName)
  await machine.put([{ kind: 'put', key, value: '{"v":99}' }])
  expect(machine.calls()).toEqual([])
  expect(machine.pidOf('a.service')).toBeDefined()
})

it('touches nothing while the store is away, and joins again at once when it is back', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  const pids = machine.systemd.running()
  machine.calls()
  machine.store.isAway = true
  machine.store.breakWatches()
  await machine.pass(30_000)
  expect(machine.calls()).toEqual([])
  machine.store.isAway = false
  await machine.pass(2_500)
  expect(await machine.presence()).toMatchObject({ isReady: true })
  expect(await machine.state('a.service')).toMatchObject({ active: 'active' })
  expect(machine.systemd.running()).toEqual(pids)
})

it('reads its schedule anew after its lease was lost, before it does anything', async () => {
  const machine = new TestMachine()
  machine.start()
  machine.systemd.script('b.service', { refuses: 'start' })
  await machine.schedule('b.service')
  machine.store.isAway = true
  machine.store.breakWatches()
  await machine.pass(10_000)
  machine.systemd.script('b.service', {})
  machine.store.isAway = false
  await machine.unschedule('b.service')
  await machine.pass(5_000)
  expect(machine.calls()).not.toContain('stop b.service')
  expect(machine.systemd.running().size).toBe(0)
  expect(machine.files.size).toBe(0)
})

it('reports a unit that systemd restarted or that failed by itself', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  machine.systemd.exit('a.service' as UnitName, 1)
  await machine.settle()
  expect(await machine.state('a.service')).toMatchObject({ active: 'failed', sub: 'failed' })
  expect(machine.calls()).not.toContain('stop a.service')
})

it('writes nothing while nothing changes but the lease that is renewed', async () => {
  const machine = new TestMachine()
  machine.start()
  for (const name of ['a.service', 'b.service', 'c.service']) await machine.schedule(name)
  const { revision } = machine.store
  await machine.pass(60_000)
  expect(machine.store.revision).toBe(revision)
})

it('reports hundreds of units in few commits', async () => {
  const machine = new TestMachine()
  for (let i = 0; i < 300; i++) await machine.schedule(`u@${i}.service`)
  const { revision } = machine.store
  machine.start()
  await machine.settle()
  expect(machine.systemd.running().size).toBe(300)
  expect(Number(machine.store.revision - revision)).toBeLessThan(16)
})

it('leaves the machine unmanaged when it is stopped, and manages it again when it is back', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.schedule('a.service')
  const pids = machine.systemd.running()
  await agent.stop()
  expect(await machine.presence()).toMatchObject({ isUnmanaged: true, isReady: false })
  await machine.pass(60_000)
  expect(await machine.state('a.service')).toMatchObject({ active: 'active' })
  machine.start()
  await machine.settle()
  expect(await machine.presence()).toEqual({ bootId: 'boot-1', nonce: 'nonce-1', isReady: true })
  expect(machine.systemd.running()).toEqual(pids)
  await machine.pass(600_000)
  expect(await machine.presence()).toMatchObject({ isReady: true })
})

it('ends within seconds when it is stopped while the store is away', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.schedule('a.service')
  machine.store.isAway = true
  await agent.stop()
  expect(machine.pidOf('a.service')).toBeDefined()
})

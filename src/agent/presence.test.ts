import { expect, it } from 'vitest'
import { FlotaError } from '../lib/errors.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import { TestMachine } from './test-agent.ts'

async function recordOf(machine: TestMachine) {
  return codecs.record.decode((await machine.read(keys.machineRecord(machine.machine.id)))?.value ?? '')
}

it('writes the machine record once and keeps when it was first seen', async () => {
  const machine = new TestMachine()
  const agent = machine.start()
  await machine.settle()
  const first = await recordOf(machine)
  expect(first).toEqual({
    nonce: 'nonce-1',
    leaseSeconds: 8,
    openApi: [],
    firstSeen: '2026-01-01T00:00:00.000Z',
    publicIp: '10.0.0.1',
    metadata: { disk: 'ssd' },
    version: '1.0.0',
  })
  await agent.stop()
  await machine.pass(1_000)
  machine.start(undefined, { version: '1.1.0' })
  await machine.settle()
  expect(await recordOf(machine)).toEqual({ ...first, version: '1.1.0' })
})

it('takes its place over at once after a kill, and ends the old lease', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.schedule('a.service')
  const before = await machine.read(keys.machinePresence(machine.machine.id))
  machine.start(undefined, { bootId: 'boot-1' })
  await machine.settle()
  const after = await machine.read(keys.machinePresence(machine.machine.id))
  expect(after?.createRevision).toBe(before?.createRevision)
  expect(after?.lease).not.toBe(before?.lease)
  expect(await machine.store.leaseRemainingMs(before?.lease ?? 0n)).toBeUndefined()
  expect(await machine.state('a.service')).toMatchObject({ active: 'active' })
})

it('refuses to be a second machine with the same machine-id, and names both nonces', async () => {
  const machine = new TestMachine()
  machine.start()
  await machine.settle()
  const second = machine.start(undefined, { nonce: 'nonce-2' })
  await machine.pass(12_000)
  await expect(second.done).rejects.toSatisfy(
    (error) => error instanceof FlotaError && error.code === 'failed_precondition',
  )
  await expect(second.done).rejects.toThrow(/its nonce nonce-1, ours nonce-2/)
  expect(await machine.presence()).toMatchObject({ nonce: 'nonce-1', isReady: true })
})

it('takes the place of a nonce whose lease runs out: the machine was installed anew', async () => {
  const machine = new TestMachine()
  const lease = await machine.store.grantLease(8)
  const value = codecs.presence.encode({ bootId: 'boot-0', nonce: 'nonce-0', isReady: true })
  await machine.put([{ kind: 'put', key: keys.machinePresence(machine.machine.id), value, lease }])
  machine.start()
  await machine.pass(9_500)
  expect(await machine.presence()).toMatchObject({ nonce: 'nonce-1', isReady: true })
})

it('waits for a store that is not there yet', async () => {
  const machine = new TestMachine()
  machine.store.isAway = true
  machine.start()
  await machine.pass(30_000)
  machine.store.isAway = false
  await machine.pass(2_500)
  expect(await machine.presence()).toMatchObject({ isReady: true })
})

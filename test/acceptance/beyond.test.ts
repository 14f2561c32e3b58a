import { afterEach, describe, expect, it } from 'vitest'
import { codecs } from '../../src/store/codec.ts'
import { keys } from '../../src/store/keys.ts'
import { plain, TestCluster } from '../cluster/test-cluster.ts'
import { loopUnit, range } from './loop-unit.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

const names = ['a', 'b', 'c', 'd']

/** Four machines, three units that exclude each other. */
async function openWithUnits(): Promise<void> {
  cluster = await TestCluster.open({ machines: plain(...names) })
  await cluster.write('nano@.service', loopUnit('Conflicts=nano@*.service'))
  await cluster.ok('start', ...range(3).map((n) => `nano@${n}.service`))
}

/** Which run of which unit is on, by machine: equal before and after = nothing stopped, moved or restarted. */
const runs = () => names.map((name) => [...cluster.machine(name).systemd.running()])

async function leaderName(): Promise<string> {
  const [entry] = (await cluster.store.read({ key: keys.leader })).entries
  return cluster.nameOf(codecs.leader.decode(entry?.value ?? '').machine)
}

const copiesOf = (unit: string) => names.filter((name) => cluster.machine(name).pidOf(unit) !== undefined)

it('X1 a store that is away for a minute restarts and moves nothing', async () => {
  await openWithUnits()
  const before = runs()
  cluster.store.isAway = true
  cluster.store.breakWatches()
  await cluster.pass(60_000)
  expect(runs()).toEqual(before)
  cluster.store.isAway = false
  await cluster.pass(60_000)
  expect(runs()).toEqual(before)
  expect(await cluster.members()).toHaveLength(4)
})

it('X2 the loss of the leader while the store is slow stops nothing', async () => {
  await openWithUnits()
  const before = runs()
  for (const name of names) cluster.machine(name).link.delayMs = 1_000
  const leader = cluster.machine(await leaderName())
  await cluster.drive(leader.killDaemon(), () => true)
  await cluster.pass(1_000)
  await leader.startDaemon()
  await cluster.pass(300_000)
  expect(runs()).toEqual(before)
})

describe('X3', () => {
  it.each([
    ['killed', (name: string) => cluster.machine(name).killDaemon()],
    ['stopped', (name: string) => cluster.machine(name).stopDaemon()],
  ])('a daemon that is %s and comes back has changed nothing', async (_how, end) => {
    await openWithUnits()
    const before = runs()
    for (const name of names) {
      await cluster.drive(end(name), () => true)
      await cluster.pass(3_000)
      await cluster.machine(name).startDaemon()
      await cluster.pass(500)
      expect(await cluster.members()).toEqual(names)
    }
    await cluster.pass(30_000)
    expect(runs()).toEqual(before)
  })
})

it('X4 a unit of a machine that is cut off runs elsewhere, and once again two seconds after the link is back', async () => {
  await openWithUnits()
  const [home = ''] = copiesOf('nano@1.service')
  cluster.machine(home).link.cut()
  await cluster.pass(70_000)
  expect(copiesOf('nano@1.service')).toHaveLength(2)
  const [elsewhere] = copiesOf('nano@1.service').filter((name) => name !== home)
  cluster.machine(home).link.heal()
  await cluster.until('one copy', () => copiesOf('nano@1.service').join() === elsewhere, 4_000)
})

it('X6 a unit whose start fails is told of, and those beside it start', async () => {
  cluster = await TestCluster.open({ machines: plain('a') })
  for (const unit of ['bad.service', 'good-1.service', 'good-2.service']) await cluster.write(unit, loopUnit())
  cluster.machine('a').systemd.script('bad.service', { startResult: 'failed' })
  const { code, stderr } = await cluster.fleetctl('start', 'good-1.service', 'bad.service', 'good-2.service')
  expect(code).toBe(1)
  expect(stderr).toContain('bad.service')
  expect(stderr).toContain('failed')
  expect(await cluster.active()).toEqual(['good-1.service a', 'good-2.service a'])
})

it('X7 a unit that fits nowhere says why, machine by machine, and start ends by itself', async () => {
  cluster = await TestCluster.open({ machines: plain('a', 'b') })
  await cluster.write('ssd.service', loopUnit('MachineMetadata=disk=ssd'))
  const { code, stderr } = await cluster.fleetctl('start', 'ssd.service')
  expect(code).toBe(1)
  expect(stderr).toContain('lack disk=ssd')
  expect(cluster.clock.nowMs()).toBeGreaterThan(60_000)
  expect(cluster.clock.nowMs()).toBeLessThan(70_000)
})

it('X9 a start waits for nothing but its unit', async () => {
  cluster = await TestCluster.open({ machines: plain(...names) })
  const tookMs: number[] = []
  for (const n of range(20)) {
    await cluster.write(`one-${n}.service`, loopUnit())
    const sinceMs = cluster.clock.nowMs()
    await cluster.ok('start', `one-${n}.service`)
    tookMs.push(cluster.clock.nowMs() - sinceMs)
  }
  const sorted = tookMs.toSorted((a, b) => a - b)
  expect(sorted[9]).toBeLessThan(500)
  expect(sorted[18]).toBeLessThan(1_000)
})

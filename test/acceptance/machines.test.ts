import { afterEach, expect, it } from 'vitest'
import { plain, TestCluster } from '../cluster/test-cluster.ts'
import { loopUnit, range } from './loop-unit.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

/** fleet's old way: stopping the daemon stops its units, and takes the machine out. */
const fleetsWay = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { stopsUnits: true }]))

async function start(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await cluster.write(name, text)
  await cluster.ok('start', '--no-block', ...Object.keys(files))
}

const conflicting = (count: number) =>
  Object.fromEntries(range(count).map((n) => [`conflict.${n}.service`, loopUnit('Conflicts=conflict.*.service')]))

async function untilActive(count: number): Promise<ReadonlyMap<string, string>> {
  await cluster.until(`${count} active units`, async () => (await cluster.active()).length === count)
  return new Map(
    (await cluster.active()).map((line) => line.split(' ')).map(([unit = '', machine = '']) => [unit, machine]),
  )
}

const untilMembers = (count: number) =>
  cluster.until(`${count} machines`, async () => (await cluster.members()).length === count, 10_000)

const moved = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) =>
  [...after].filter(([unit, machine]) => before.get(unit) !== machine).map(([unit]) => unit)

/** The daemon's own end may take time of the cluster: units stop first. */
const stopDaemon = (name: string) => cluster.drive(cluster.machine(name).stopDaemon(), () => true)

it('A13 a follower is where its unit is, and goes with it when the daemon is stopped', async () => {
  cluster = await TestCluster.open({ machines: fleetsWay('a', 'b', 'c') })
  const pairs = range(3).flatMap((n) => [
    [`ping.${n}.service`, loopUnit()],
    [`pong.${n}.service`, loopUnit(`MachineOf=ping.${n}.service`)],
  ])
  await start(Object.fromEntries(pairs) as Record<string, string>)
  expect(await cluster.unitFiles()).toHaveLength(6)
  const before = await untilActive(6)
  for (const n of range(3)) expect(before.get(`pong.${n}.service`)).toBe(before.get(`ping.${n}.service`))

  await stopDaemon(before.get('ping.1.service') ?? '')
  await untilMembers(2)
  const after = await untilActive(6)
  expect(after.get('ping.1.service')).not.toBe(before.get('ping.1.service'))
  expect(after.get('pong.1.service')).toBe(after.get('ping.1.service'))
})

it('A23 a unit whose daemon was stopped goes to the free machine, and the others stay', async () => {
  cluster = await TestCluster.open({ machines: fleetsWay('a', 'b', 'c', 'd') })
  await start(conflicting(3))
  const before = await untilActive(3)
  await stopDaemon(before.get('conflict.1.service') ?? '')
  await untilMembers(3)
  const after = await untilActive(3)
  expect(moved(before, after)).toEqual(['conflict.1.service'])
  expect([...before.values()]).not.toContain(after.get('conflict.1.service'))
  await cluster.pass(10_000)
  expect(await cluster.active()).toHaveLength(3)
})

it('A24 when a machine is lost and made anew only its unit changes place', async () => {
  cluster = await TestCluster.open({ machines: plain('a', 'b', 'c') })
  await start(conflicting(3))
  const before = await untilActive(3)
  await cluster.drive(cluster.machine('b').cutPower(), () => true)
  await untilMembers(2)
  await cluster.add('e')
  const after = await untilActive(3)
  expect(moved(before, after)).toHaveLength(1)
  expect([...after.values()].toSorted()).toEqual(['a', 'c', 'e'])
})

it('A25 a machine whose daemon was stopped is gone, and so are its unit and its state', async () => {
  cluster = await TestCluster.open({ machines: fleetsWay('a') })
  await start({ 'pinned.service': loopUnit(`MachineID=${cluster.machine('a').id}`) })
  await untilActive(1)
  await cluster.add('b')
  await stopDaemon('a')
  await untilMembers(1)
  await cluster.until('no states', async () => (await cluster.units()).every(({ active }) => active !== 'active'))
  expect(cluster.machine('a').pidOf('pinned.service')).toBeUndefined()
  expect([...cluster.machine('a').files.keys()]).toEqual([])
})

it('stopping the daemon moves and stops nothing where nobody asked for that', async () => {
  cluster = await TestCluster.open({ machines: plain('a', 'b', 'c') })
  await start(conflicting(3))
  const before = await untilActive(3)
  const pids = ['a', 'b', 'c'].map((name) => [...cluster.machine(name).systemd.running()])
  await stopDaemon('b')
  await cluster.pass(60_000)
  await cluster.machine('b').startDaemon()
  await cluster.pass(5_000)
  expect(moved(before, await untilActive(3))).toEqual([])
  expect(['a', 'b', 'c'].map((name) => [...cluster.machine(name).systemd.running()])).toEqual(pids)
})

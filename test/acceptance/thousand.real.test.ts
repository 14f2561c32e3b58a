import { afterEach, expect, it } from 'vitest'
import { plain, TestCluster } from '../cluster/test-cluster.ts'
import { loopUnit, range } from './loop-unit.ts'

/** Nothing real is needed here but a minute of a processor, which the fast tests do not have. */
let cluster: TestCluster
afterEach(() => cluster.close())

const names = ['a', 'b', 'c', 'd']

it('X5 a thousand units are destroyed in 30 s, and a new one starts meanwhile', async () => {
  cluster = await TestCluster.open({ machines: plain(...names) })
  await cluster.write('many@.service', loopUnit())
  const many = range(1_000).map((n) => `many@${n}.service`)
  await cluster.ok('start', '--no-block', ...many)
  const running = () => names.reduce((sum, name) => sum + cluster.machine(name).systemd.running().size, 0)
  await cluster.until('a thousand', () => running() === 1_000, 30_000)
  await cluster.write('new.service', loopUnit())
  await cluster.ok('destroy', '--no-block', ...many)
  const sinceMs = cluster.clock.nowMs()
  await cluster.ok('start', 'new.service')
  expect(cluster.clock.nowMs() - sinceMs).toBeLessThan(2_000)
  await cluster.until('their end', () => running() === 1, 30_000)
})

it('X10 a thousand units at rest write less than five times a second', async () => {
  cluster = await TestCluster.open({ machines: plain(...names) })
  await cluster.write('many@.service', loopUnit())
  await cluster.ok('start', '--no-block', ...range(1_000).map((n) => `many@${n}.service`))
  await cluster.pass(10_000)
  const before = cluster.store.revision
  await cluster.pass(30_000)
  expect(Number(cluster.store.revision - before)).toBeLessThan(30 * 5)
})

import { beforeEach, expect, test } from 'vitest'
import type { BalancerRecord } from '../cluster/records.ts'
import { ManualClock } from '../lib/clock.ts'
import { keys } from '../store/keys.ts'
import { Announcement } from './announcement.ts'
import { machineId } from './test-cluster.ts'
import { TestStore } from './test-store.ts'

const record: BalancerRecord = { revision: '7', address: '10.77.0.14', routes: {} }
const { signal } = new AbortController()
let store: TestStore
let clock: ManualClock
let announcement: Announcement

beforeEach(() => {
  store = new TestStore()
  clock = new ManualClock()
  announcement = new Announcement({ store, machine: machineId(14), clock })
})

test('the record is put under a lease of its own, and again only when it changed', async () => {
  await announcement.pass(record, signal)
  await announcement.pass(record, signal)
  await announcement.pass({ ...record, revision: '8' }, signal)
  const puts = store.commits.map(({ operations }) => operations[0])
  expect(puts).toHaveLength(2)
  expect(puts[1]).toMatchObject({ kind: 'put', key: keys.balancer(machineId(14)), lease: 1n })
})

test('a lease that ended is replaced, and the record put under the new one', async () => {
  await announcement.pass(record, signal)
  store.leases.clear()
  await clock.advance(2_000)
  await announcement.pass(record, signal)
  expect(store.commits.at(-1)?.operations[0]).toMatchObject({ lease: 2n })
})

test('passes that come close together renew once', async () => {
  await announcement.pass(record, signal)
  store.isAway = true
  await clock.advance(1_000)
  await announcement.pass(record, signal)
  await clock.advance(1_000)
  await expect(announcement.pass(record, signal)).rejects.toThrow(/store/)
})

test('a withdrawal ends the lease', async () => {
  await announcement.pass(record, signal)
  await announcement.withdraw()
  expect(store.leases.size).toBe(0)
})

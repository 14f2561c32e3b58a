import { expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { Metrics } from '../lib/metrics.ts'
import { measuredStore } from './measured-store.ts'
import { MemoryStore } from './memory.ts'

it('counts and times every call, and those that failed', async () => {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const inner = new MemoryStore(clock)
  const store = measuredStore(inner, { metrics, clock })
  await store.commit({ operations: [{ kind: 'put', key: 'a', value: 'b' }] })
  expect((await store.read({ key: 'a' })).entries).toHaveLength(1)
  const lease = await store.grantLease(10)
  expect(await store.renewLease(lease)).toBe(true)
  expect(await store.leaseRemainingMs(lease)).toBe(10_000)
  await store.revokeLease(lease)
  inner.isAway = true
  await expect(store.read({ key: 'a' })).rejects.toThrow('the store is away')
  const stop = new AbortController()
  inner.isAway = false
  for await (const batch of store.watch({ key: 'a' }, 1n, stop.signal)) {
    expect(batch.changes).toHaveLength(1)
    stop.abort()
  }
  const text = metrics.text()
  for (const type of ['commit', 'grant-lease', 'lease-time', 'renew-lease', 'revoke-lease', 'watch']) {
    expect(text).toContain(`fleet_registry_operation_count_total{type="${type}"} 1\n`)
  }
  expect(text).toContain('fleet_registry_operation_count_total{type="read"} 2\n')
  expect(text).toContain('fleet_registry_operation_failed_count_total{type="read"} 1\n')
  expect(text).toContain('fleet_registry_operation_duration_second_count{type="read"} 2\n')
  await store.close()
})

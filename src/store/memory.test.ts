import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeStoreContract } from '../../test/contract/store-contract.ts'
import { ManualClock, realClock } from '../lib/clock.ts'
import { MemoryStore } from './memory.ts'

describeStoreContract('memory', () => {
  const store = new MemoryStore(realClock)
  return Promise.resolve({
    store,
    compact: () => {
      store.compact(store.revision)
      return Promise.resolve()
    },
    dispose: () => store.close(),
  })
})

describe('a memory store told to fail', () => {
  const clock = new ManualClock()
  let store = new MemoryStore(clock)
  beforeEach(() => {
    store = new MemoryStore(clock)
  })
  afterEach(() => store.close())

  it('refuses every call while it is away', async () => {
    store.isAway = true
    await expect(store.read({ prefix: '/' })).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.grantLease(1)).rejects.toMatchObject({ code: 'unavailable' })
    store.isAway = false
    await expect(store.read({ prefix: '/' })).resolves.toMatchObject({ entries: [] })
  })

  it('ends its watches when told to', async () => {
    const batches = store.watch({ prefix: '/' }, 2n, new AbortController().signal)[Symbol.asyncIterator]()
    await batches.next()
    const next = batches.next()
    await new Promise((resolve) => setImmediate(resolve))
    store.breakWatches()
    await expect(next).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('ends leases by its clock', async () => {
    const lease = await store.grantLease(3)
    await store.commit({ operations: [{ kind: 'put', key: '/a', value: '1', lease }] })
    await clock.advance(2_000)
    expect(await store.renewLease(lease)).toBe(true)
    await clock.advance(2_999)
    expect((await store.read({ prefix: '/' })).entries).toHaveLength(1)
    await clock.advance(1)
    await clock.advance(0)
    expect((await store.read({ prefix: '/' })).entries).toHaveLength(0)
    expect(await store.renewLease(lease)).toBe(false)
  })
})

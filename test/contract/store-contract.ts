import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasCode } from '../../src/lib/errors.ts'
import type { Commit } from '../../src/store/store.ts'
import { describeCommits, describeLimits, describeReads } from './store-commits.ts'
import { describeLeases } from './store-leases.ts'
import { nextChanges, Suite, type StoreUnderTest } from './store-suite.ts'
import { describeConcurrency, describeWatches } from './store-watches.ts'

/** One suite for every store: each sentence of the port is a test. Each test has a prefix of its own. */
export function describeStoreContract(name: string, openStore: () => Promise<StoreUnderTest>): void {
  describe(`store contract: ${name}`, () => {
    const suite = new Suite()
    beforeAll(async () => suite.open(openStore))
    afterAll(() => suite.dispose())
    describeReads(suite)
    describeCommits(suite)
    describeLimits(suite)
    describeLeases(suite)
    describeWatches(suite)
    describeConcurrency(suite)
    describeClose(openStore)
  })
}

function describeClose(openStore: () => Promise<StoreUnderTest>): void {
  describe('close', () => {
    test('ends watches and refuses calls, and may be called twice', async () => {
      const { store, dispose } = await openStore()
      try {
        const { revision } = await store.read({ key: '/contract/none' })
        const watching = nextChanges(store, { prefix: '/contract/closed/' }, revision).catch((error: unknown) => error)
        await store.read({ key: '/contract/none' })
        await store.close()
        expect(hasCode(await watching, 'failed_precondition')).toBe(true)
        const put: Commit = { operations: [{ kind: 'put', key: '/contract/closed', value: '' }] }
        await expect(store.commit(put)).rejects.toMatchObject({ code: 'failed_precondition' })
        await expect(store.read({ key: '/x' })).rejects.toMatchObject({ code: 'failed_precondition' })
        await expect(store.grantLease(5)).rejects.toMatchObject({ code: 'failed_precondition' })
        await store.close()
      } finally {
        await dispose()
      }
    })
  })
}

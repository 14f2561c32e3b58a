import { describe, expect, test } from 'vitest'
import type { Commit } from '../../src/store/store.ts'
import { keyOf, nextChanges, pause, revisionOf, ttlSeconds, type Suite } from './store-suite.ts'

export function describeLeases(suite: Suite): void {
  describe('leases', () => {
    test('keys under a lease name it', async () => {
      const key = `${suite.prefix()}a`
      const lease = await suite.store.grantLease(60)
      await suite.put(key, '1', lease)
      expect((await suite.entry(key))?.lease).toBe(lease)
      await suite.store.revokeLease(lease)
    })

    test('each grant gives another lease', async () => {
      const [one, two] = await Promise.all([suite.store.grantLease(60), suite.store.grantLease(60)])
      expect(one).not.toBe(two)
      expect(one).not.toBe(0n)
    })

    test('a lease that nobody renews ends after its time, not before, its keys with it in one revision', async () => {
      const prefix = suite.prefix()
      const startMs = performance.now()
      const lease = await suite.store.grantLease(ttlSeconds)
      const revision = await suite.committed({
        operations: ['a', 'b', 'c'].map((name) => ({ kind: 'put', key: prefix + name, value: '', lease })),
      })
      const batch = await nextChanges(suite.store, { prefix }, revision + 1n)
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(ttlSeconds * 1_000)
      const gone = batch.changes.map((change) => [change.kind, keyOf(change).slice(prefix.length), revisionOf(change)])
      expect(gone.toSorted()).toEqual([
        ['delete', 'a', batch.revision],
        ['delete', 'b', batch.revision],
        ['delete', 'c', batch.revision],
      ])
      expect(await suite.keys(prefix)).toEqual([])
      expect(await suite.store.renewLease(lease)).toBe(false)
      expect(await suite.store.leaseRemainingMs(lease)).toBeUndefined()
    })

    test('a renewed lease lives on', async () => {
      const prefix = suite.prefix()
      const lease = await suite.store.grantLease(ttlSeconds)
      await suite.put(`${prefix}a`, '', lease)
      const untilMs = performance.now() + ttlSeconds * 2_000
      while (performance.now() < untilMs) {
        expect(await suite.store.renewLease(lease)).toBe(true)
        await pause(ttlSeconds * 250)
      }
      expect(await suite.keys(prefix)).toEqual(['a'])
      await suite.store.revokeLease(lease)
    })

    test('the time left is at most what was granted, and a renewal brings it back up', async () => {
      const lease = await suite.store.grantLease(60)
      const remainingMs = await suite.store.leaseRemainingMs(lease)
      expect(remainingMs).toBeGreaterThan(55_000)
      expect(remainingMs).toBeLessThanOrEqual(60_000)
      expect(await suite.store.renewLease(lease)).toBe(true)
      expect(await suite.store.leaseRemainingMs(lease)).toBeGreaterThan(55_000)
      await suite.store.revokeLease(lease)
    })

    test('a revoked lease ends at once, its keys with it in one revision; a second revoke is no error', async () => {
      const prefix = suite.prefix()
      const lease = await suite.store.grantLease(60)
      await suite.put(`${prefix}a`, '', lease)
      await suite.put(`${prefix}b`, '', lease)
      const before = await suite.put(`${prefix}c`, '')
      await suite.store.revokeLease(lease)
      expect(await suite.keys(prefix)).toEqual(['c'])
      expect(await suite.revision()).toBe(before + 1n)
      expect(await suite.store.renewLease(lease)).toBe(false)
      expect(await suite.store.leaseRemainingMs(lease)).toBeUndefined()
      await suite.store.revokeLease(lease)
      await suite.store.revokeLease(0x7fff_0000_0000_0001n)
    })

    test('a lease without keys makes no revision when it ends', async () => {
      const lease = await suite.store.grantLease(60)
      const before = await suite.revision()
      await suite.store.revokeLease(lease)
      expect(await suite.revision()).toBe(before)
    })

    test('a put moves its key to another lease, or to none', async () => {
      const prefix = suite.prefix()
      const [old, next] = [await suite.store.grantLease(60), await suite.store.grantLease(60)]
      await suite.put(`${prefix}moved`, '', old)
      await suite.put(`${prefix}freed`, '', old)
      await suite.put(`${prefix}moved`, '', next)
      await suite.put(`${prefix}freed`, '')
      await suite.store.revokeLease(old)
      expect(await suite.keys(prefix)).toEqual(['freed', 'moved'])
      await suite.store.revokeLease(next)
      expect(await suite.keys(prefix)).toEqual(['freed'])
    })

    test('a commit under a lease that has ended is refused whole', async () => {
      const prefix = suite.prefix()
      const lease = await suite.store.grantLease(60)
      await suite.store.revokeLease(lease)
      const commit: Commit = {
        operations: [
          { kind: 'put', key: `${prefix}a`, value: '' },
          { kind: 'put', key: `${prefix}b`, value: '', lease },
        ],
      }
      await expect(suite.store.commit(commit)).rejects.toMatchObject({ code: 'not_found' })
      expect(await suite.keys(prefix)).toEqual([])
      const compares = [{ key: `${prefix}a`, modRevision: 7n }]
      expect((await suite.store.commit({ ...commit, compares })).kind).toBe('conflict')
    })
  })
}

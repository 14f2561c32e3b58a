import { describe, expect, test } from 'vitest'
import { CompactedError } from '../../src/store/store.ts'
import type { Operation } from '../../src/store/store.ts'
import {
  batchesUntil,
  collectUntil,
  countByRevision,
  entryOf,
  keyOf,
  nextChanges,
  revisionOf,
  type Suite,
} from './store-suite.ts'

export function describeWatches(suite: Suite): void {
  describe('watch', () => {
    test('gives the changes of its range alone, from a revision on, in order', async () => {
      const prefix = suite.prefix()
      const first = await suite.put(`${prefix}a`, '1')
      const second = await suite.put(`${prefix}b`, '2')
      await suite.put(`${suite.prefix()}elsewhere`, '')
      const third = await suite.committed({ operations: [{ kind: 'delete', key: `${prefix}a` }] })
      const seen = await collectUntil(suite.store, { prefix }, { from: first, until: third })
      expect(seen).toEqual([
        { kind: 'put', entry: entryOf(`${prefix}a`, '1', first) },
        { kind: 'put', entry: entryOf(`${prefix}b`, '2', second) },
        { kind: 'delete', key: `${prefix}a`, modRevision: third },
      ])
      expect(await collectUntil(suite.store, { prefix }, { from: second + 1n, until: third })).toEqual(seen.slice(2))
    })

    test('of one key leaves out keys that begin as it does', async () => {
      const key = `${suite.prefix()}a`
      const first = await suite.put(key, '1')
      await suite.put(`${key}b`, '')
      const last = await suite.put(key, '2')
      const seen = await collectUntil(suite.store, { key }, { from: first, until: last })
      expect(seen.map(keyOf)).toEqual([key, key])
    })

    test('says that it stands, by a batch without changes, before anything happens', async () => {
      const stop = new AbortController()
      const from = (await suite.revision()) + 1n
      for await (const batch of suite.store.watch({ prefix: suite.prefix() }, from, stop.signal)) {
        expect(batch).toEqual({ revision: from - 1n, changes: [] })
        break
      }
    })

    test('waits for changes to come', async () => {
      const prefix = suite.prefix()
      const from = (await suite.revision()) + 1n
      const changes = nextChanges(suite.store, { prefix }, from)
      const revision = await suite.put(`${prefix}a`, '1')
      expect(await changes).toEqual({
        revision,
        changes: [{ kind: 'put', entry: entryOf(`${prefix}a`, '1', revision) }],
      })
    })

    test('waits for a revision that is a moment ahead, as a member may lag behind another', async () => {
      const prefix = suite.prefix()
      const from = (await suite.revision()) + 3n
      const changes = nextChanges(suite.store, { prefix }, from)
      for (const value of ['1', '2', '3']) await suite.put(`${prefix}a`, value)
      expect((await changes).changes).toMatchObject([{ entry: { value: '3' } }])
    })

    test('keeps a commit in one batch, also a large one', async () => {
      const prefix = suite.prefix()
      const from = (await suite.revision()) + 1n
      const value = 'x'.repeat(11_000)
      const operations = Array.from({ length: 128 }, (_, index) => ({
        kind: 'put' as const,
        key: `${prefix}${index}`,
        value,
      }))
      let until = 0n
      for (let commits = 0; commits < 3; commits += 1) until = await suite.committed({ operations })
      const perRevision = new Map<bigint, number[]>()
      for await (const batch of batchesUntil(suite.store, { prefix }, { from, until })) {
        for (const [revision, count] of countByRevision(batch)) {
          perRevision.set(revision, [...(perRevision.get(revision) ?? []), count])
        }
      }
      expect([...perRevision.values()]).toEqual([[128], [128], [128]])
    })

    test('ends without an error when its signal aborts', async () => {
      const stop = new AbortController()
      const from = await suite.revision()
      let batches = 0
      for await (const { changes } of suite.store.watch({ prefix: suite.prefix() }, from, stop.signal)) {
        expect(changes).toEqual([])
        batches += 1
        stop.abort()
      }
      expect(batches).toBe(1)
    })

    test('ends as compacted, naming the first revision that is kept, when asked for an older one', async () => {
      const prefix = suite.prefix()
      const old = await suite.put(`${prefix}a`, '1')
      await suite.put(`${prefix}a`, '2')
      await suite.under.compact()
      const { revision } = await suite.store.read({ prefix })
      const watch = nextChanges(suite.store, { prefix }, old)
      const error = await watch.catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(CompactedError)
      const { compactRevision } = error as CompactedError
      expect(compactRevision).toBeGreaterThan(old)
      expect(compactRevision).toBeLessThanOrEqual(revision)
      const later = await suite.put(`${prefix}a`, '3')
      expect(await collectUntil(suite.store, { prefix }, { from: revision + 1n, until: later })).toHaveLength(1)
    })
  })
}

export function describeConcurrency(suite: Suite): void {
  describe('many writers', () => {
    test('no watch misses, doubles or reorders a commit', async () => {
      const prefix = suite.prefix()
      const from = (await suite.revision()) + 1n
      const revisions = await Promise.all(
        Array.from({ length: 200 }, (_, index) => suite.put(`${prefix}${index % 20}`, index.toString())),
      )
      const expected = revisions.toSorted((a, b) => Number(a - b))
      expect(new Set(revisions).size).toBe(200)
      const seen = await collectUntil(suite.store, { prefix }, { from, until: expected.at(-1) ?? 0n })
      expect(seen.map(revisionOf)).toEqual(expected)
    })

    test('of many that compare the same revision, one wins', async () => {
      const key = `${suite.prefix()}a`
      const modRevision = await suite.put(key, 'start')
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          suite.store.commit({
            compares: [{ key, modRevision }],
            operations: [{ kind: 'put', key, value: index.toString() }],
          }),
        ),
      )
      expect(results.filter(({ kind }) => kind === 'committed')).toHaveLength(1)
    })

    test('no increment is lost by writers that read, compare and try again', async () => {
      const key = `${suite.prefix()}count`
      await suite.put(key, '0')
      const increment = async (): Promise<void> => {
        const entry = await suite.entry(key)
        const result = await suite.store.commit({
          compares: [{ key, modRevision: entry?.modRevision ?? 0n }],
          operations: [{ kind: 'put', key, value: (Number(entry?.value) + 1).toString() }],
        })
        if (result.kind === 'conflict') await increment()
      }
      await Promise.all(Array.from({ length: 10 }, increment))
      expect((await suite.entry(key))?.value).toBe('10')
    })

    test('a read sees whole commits alone', async () => {
      const prefix = suite.prefix()
      const write = async (): Promise<void> => {
        for (let value = 0; value < 30; value += 1) {
          const operations: Operation[] = ['a', 'b'].map((name) => ({
            kind: 'put',
            key: prefix + name,
            value: value.toString(),
          }))
          await suite.committed({ operations })
        }
      }
      const writing = write()
      for (let reads = 0; reads < 30; reads += 1) {
        const { entries, revision } = await suite.store.read({ prefix })
        expect(new Set(entries.map(({ value }) => value)).size).toBeLessThanOrEqual(1)
        for (const { modRevision } of entries) expect(modRevision).toBeLessThanOrEqual(revision)
      }
      await writing
    })
  })
}

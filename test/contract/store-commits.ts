import { describe, expect, test } from 'vitest'
import type { Commit, Operation } from '../../src/store/store.ts'
import type { Suite } from './store-suite.ts'

export function describeReads(suite: Suite): void {
  describe('read', () => {
    test('gives nothing, and the revision, for a range without keys', async () => {
      const prefix = suite.prefix()
      expect(await suite.store.read({ prefix })).toEqual({ revision: await suite.revision(), entries: [] })
    })

    test('gives the entries of a prefix sorted by the bytes of their keys', async () => {
      const prefix = suite.prefix()
      const names = ['b', 'a/z', 'a', 'ab', 'B', 'ä', '\u{1F600}', '\uFF5E']
      await suite.committed({ operations: names.map((key) => ({ kind: 'put', key: prefix + key, value: key })) })
      const sorted = names.toSorted((a, b) => Buffer.from(a).compare(Buffer.from(b)))
      expect(await suite.keys(prefix)).toEqual(sorted)
    })

    test('gives all of a range that takes many pages', async () => {
      const prefix = suite.prefix()
      const names = Array.from({ length: 1_300 }, (_, index) => index.toString().padStart(5, '0'))
      for (let from = 0; from < names.length; from += 100) {
        const some = names.slice(from, from + 100)
        await suite.committed({ operations: some.map((key) => ({ kind: 'put', key: prefix + key, value: key })) })
      }
      const { entries } = await suite.store.read({ prefix })
      expect(entries.map(({ value }) => value)).toEqual(names)
    })

    test('of one key gives that key alone', async () => {
      const prefix = suite.prefix()
      await suite.committed({
        operations: [
          { kind: 'put', key: `${prefix}a`, value: '1' },
          { kind: 'put', key: `${prefix}ab`, value: '2' },
        ],
      })
      const { entries } = await suite.store.read({ key: `${prefix}a` })
      expect(entries.map(({ value }) => value)).toEqual(['1'])
    })

    test('keeps every character of a value', async () => {
      const key = `${suite.prefix()}a`
      const value = '\u0000\n"\\äöü\u{1F600}\u2028 end'
      await suite.put(key, value)
      expect((await suite.entry(key))?.value).toBe(value)
      await suite.put(key, '')
      expect((await suite.entry(key))?.value).toBe('')
    })

    test('rejects with the reason of a signal that has aborted', async () => {
      const reason = new Error('no longer wanted')
      await expect(suite.store.read({ key: '/contract/none' }, AbortSignal.abort(reason))).rejects.toBe(reason)
    })
  })
}

export function describeCommits(suite: Suite): void {
  describe('commit', () => {
    test('raises the revision of the store by one, whatever it holds', async () => {
      const prefix = suite.prefix()
      const before = await suite.revision()
      const operations: Operation[] = ['a', 'b', 'c'].map((key) => ({ kind: 'put', key: prefix + key, value: '' }))
      expect(await suite.committed({ operations })).toBe(before + 1n)
      expect(await suite.revision()).toBe(before + 1n)
    })

    test('gives a key the revision of its creation and of its last change', async () => {
      const key = `${suite.prefix()}a`
      const created = await suite.put(key, '1')
      const changed = await suite.put(key, '2')
      expect(await suite.entry(key)).toEqual({
        key,
        value: '2',
        createRevision: created,
        modRevision: changed,
        lease: 0n,
      })
    })

    test('makes a key that was deleted anew', async () => {
      const key = `${suite.prefix()}a`
      await suite.put(key, '1')
      await suite.committed({ operations: [{ kind: 'delete', key }] })
      expect(await suite.entry(key)).toBeUndefined()
      const again = await suite.put(key, '2')
      expect((await suite.entry(key))?.createRevision).toBe(again)
    })

    test('that changes nothing makes no revision', async () => {
      const prefix = suite.prefix()
      const before = await suite.revision()
      expect(await suite.committed({ operations: [{ kind: 'delete', key: `${prefix}none` }] })).toBe(before)
      expect(await suite.committed({ operations: [] })).toBe(before)
      expect(await suite.revision()).toBe(before)
    })

    test('of the same value still makes a revision', async () => {
      const key = `${suite.prefix()}a`
      const first = await suite.put(key, 'same')
      expect(await suite.put(key, 'same')).toBe(first + 1n)
    })

    const compares = [
      ['the mod-revision that it has', 'b', 'mod', 0n, 'committed'],
      ['the create-revision that it has', 'b', 'create', 0n, 'committed'],
      ['an older mod-revision', 'b', 'mod', -1n, 'conflict'],
      ['another create-revision', 'b', 'create', 1n, 'conflict'],
      ['no existence, and it exists (mod)', 'b', 'mod', undefined, 'conflict'],
      ['no existence, and it exists (create)', 'b', 'create', undefined, 'conflict'],
      ['no existence, and there is none (mod)', 'none', 'mod', undefined, 'committed'],
      ['no existence, and there is none (create)', 'none', 'create', undefined, 'committed'],
      ['a mod-revision of a key that is not there', 'none', 'mod', 0n, 'conflict'],
    ] as const
    test.each(compares)('that asks of a key %s', async (...[, name, field, offset, expected]) => {
      const prefix = suite.prefix()
      const created = await suite.put(`${prefix}b`, '1')
      const changed = await suite.put(`${prefix}b`, '2')
      const revision = offset === undefined ? 0n : (field === 'mod' ? changed : created) + offset
      const key = prefix + name
      const result = await suite.store.commit({
        compares: [field === 'mod' ? { key, modRevision: revision } : { key, createRevision: revision }],
        operations: [{ kind: 'put', key: `${prefix}done`, value: '' }],
      })
      expect(result.kind).toBe(expected)
      expect((await suite.keys(prefix)).includes('done')).toBe(expected === 'committed')
    })

    test('does all or nothing: one compare that fails stops every operation', async () => {
      const prefix = suite.prefix()
      const revision = await suite.put(`${prefix}a`, '1')
      const result = await suite.store.commit({
        compares: [
          { key: `${prefix}a`, modRevision: revision },
          { key: `${prefix}b`, modRevision: 99n },
        ],
        operations: [
          { kind: 'delete', key: `${prefix}a` },
          { kind: 'put', key: `${prefix}b`, value: '1' },
        ],
      })
      expect(result).toEqual({ kind: 'conflict', revision })
      expect(await suite.keys(prefix)).toEqual(['a'])
      expect(await suite.revision()).toBe(revision)
    })

    test('puts and deletes in one revision', async () => {
      const prefix = suite.prefix()
      await suite.put(`${prefix}a`, '1')
      const revision = await suite.committed({
        operations: [
          { kind: 'delete', key: `${prefix}a` },
          { kind: 'put', key: `${prefix}b`, value: '1' },
          { kind: 'put', key: `${prefix}c`, value: '1' },
        ],
      })
      const { entries } = await suite.store.read({ prefix })
      expect(entries.map(({ key, modRevision }) => [key.slice(prefix.length), modRevision])).toEqual([
        ['b', revision],
        ['c', revision],
      ])
    })

    test('rejects with the reason of a signal that has aborted, and writes nothing', async () => {
      const prefix = suite.prefix()
      const reason = new Error('no longer wanted')
      const commit: Commit = { operations: [{ kind: 'put', key: `${prefix}a`, value: '' }] }
      await expect(suite.store.commit(commit, AbortSignal.abort(reason))).rejects.toBe(reason)
      expect(await suite.keys(prefix)).toEqual([])
    })
  })
}

export function describeLimits(suite: Suite): void {
  describe('limits', () => {
    const puts = (prefix: string, count: number): Operation[] =>
      Array.from({ length: count }, (_, index) => ({ kind: 'put', key: `${prefix}${index}`, value: '' }))

    test('are 128 compares and operations, and 1.5 MB', () => {
      expect(suite.store.limits).toEqual({ maxOperations: 128, maxBytes: 1_500_000 })
    })

    test('a commit of exactly the limit is taken', async () => {
      const prefix = suite.prefix()
      const compares = [{ key: `${prefix}none`, modRevision: 0n }]
      await suite.committed({ compares, operations: puts(prefix, 127) })
      await suite.committed({ operations: puts(prefix, 128) })
      const key = `${prefix}large`
      const value = 'x'.repeat(1_500_000 - key.length)
      await suite.put(key, value)
      expect((await suite.entry(key))?.value.length).toBe(value.length)
    })

    const refused: readonly (readonly [string, (prefix: string) => Commit, string])[] = [
      ['129 operations', (prefix) => ({ operations: puts(prefix, 129) }), '129 compares and operations'],
      [
        '128 operations and a compare',
        (prefix) => ({ compares: [{ key: prefix, modRevision: 0n }], operations: puts(prefix, 128) }),
        '129 compares and operations',
      ],
      [
        'one byte too much, characters counted by their bytes',
        (prefix) => ({ operations: [{ kind: 'put', key: prefix, value: 'ä'.repeat(750_000) }] }),
        'bytes are more than 1500000',
      ],
      [
        'a key changed twice',
        (prefix) => ({ operations: [...puts(prefix, 1), { kind: 'delete', key: `${prefix}0` }] }),
        'is changed twice',
      ],
      ['an empty key', () => ({ operations: [{ kind: 'put', key: '', value: '' }] }), 'a key is empty'],
    ]
    test.each(refused)('a commit with %s is refused and writes nothing', async (_, commit, reason) => {
      const prefix = suite.prefix()
      const error = await suite.store.commit(commit(prefix)).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'invalid_argument' })
      expect((error as Error).message).toContain(reason)
      expect(await suite.keys(prefix)).toEqual([])
    })
  })
}

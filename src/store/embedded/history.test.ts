import { describe, expect, test } from 'vitest'
import { CompactedError, type Range, type WatchBatch } from '../store.ts'
import { History, type HistoryLimits } from './history.ts'
import type { Revised } from './state.ts'

const roomy: HistoryLimits = { maxRevisions: 100, maxChars: 10_000 }
const all: Range = { prefix: '' }
const never = new AbortController().signal

const revised = (revision: bigint, key = 'a', value = ''): Revised => ({
  revision,
  changes: [{ kind: 'put', entry: { key, value, createRevision: revision, modRevision: revision, lease: 0n } }],
})

async function next(watch: AsyncGenerator<WatchBatch>): Promise<WatchBatch> {
  const result = await watch.next()
  if (result.done === true) throw new Error('the watch ended')
  return result.value
}

describe('History', () => {
  test('gives what came meanwhile in one batch, and then what comes', async () => {
    const history = new History(10n, roomy)
    history.push([revised(11n), revised(12n)])
    const watch = history.watch(all, 11n, never)
    expect(await next(watch)).toMatchObject({ revision: 12n, changes: [{}, {}] })
    const waiting = next(watch)
    history.push([revised(13n)])
    expect(await waiting).toMatchObject({ revision: 13n, changes: [{}] })
  })

  test('passes over what is outside of the range, but keeps up with the revision', async () => {
    const history = new History(10n, roomy)
    const watch = history.watch({ prefix: 'b' }, 11n, never)
    expect(await next(watch)).toEqual({ revision: 10n, changes: [] })
    const waiting = next(watch)
    history.push([revised(11n), revised(12n, 'b'), revised(13n)])
    expect(await waiting).toMatchObject({ revision: 13n, changes: [{ entry: { key: 'b' } }] })
  })

  test.each<readonly [string, HistoryLimits]>([
    ['revisions', { maxRevisions: 2, maxChars: 10_000 }],
    ['characters', { maxRevisions: 100, maxChars: 25 }],
  ])('forgets the oldest beyond its limit of %s', async (_, limits) => {
    const history = new History(10n, limits)
    history.push([revised(11n, 'a', '123456789'), revised(12n, 'a', '123456789'), revised(13n, 'a', '123456789')])
    await expect(next(history.watch(all, 11n, never))).rejects.toEqual(new CompactedError(12n))
    expect(await next(history.watch(all, 12n, never))).toMatchObject({ revision: 13n, changes: [{}, {}] })
  })

  test('keeps the last revision however large it is', async () => {
    const history = new History(10n, { maxRevisions: 100, maxChars: 5 })
    history.push([revised(11n, 'a', '1234567890')])
    expect(await next(history.watch(all, 11n, never))).toMatchObject({ changes: [{}] })
  })

  test('a watch that falls behind what is kept ends as compacted', async () => {
    const history = new History(10n, { maxRevisions: 1, maxChars: 10_000 })
    const watch = history.watch(all, 11n, never)
    await next(watch)
    history.push([revised(11n), revised(12n)])
    await expect(next(watch)).rejects.toBeInstanceOf(CompactedError)
  })

  test('after a restart, watches that had come so far go on and others end as compacted', async () => {
    const history = new History(10n, roomy)
    history.push([revised(11n)])
    const [behind, level] = [history.watch(all, 12n, never), history.watch(all, 13n, never)]
    await next(behind)
    await next(level)
    const waiting = [next(behind), next(level)]
    history.restart(12n)
    await expect(waiting[0]).rejects.toBeInstanceOf(CompactedError)
    history.push([revised(13n)])
    expect(await waiting[1]).toMatchObject({ revision: 13n, changes: [{}] })
  })

  test('reaches back to the beginning of an empty store, and no further', async () => {
    const history = new History(1n, roomy)
    expect(await next(history.watch(all, 1n, never))).toEqual({ revision: 1n, changes: [] })
    await expect(next(new History(2n, roomy).watch(all, 1n, never))).rejects.toEqual(new CompactedError(3n))
  })
})

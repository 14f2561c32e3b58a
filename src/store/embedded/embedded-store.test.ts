import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { openEmbeddedStore } from './embedded-store.ts'
import type { Store } from '../store.ts'

describe('the embedded store', () => {
  let directory: string
  let clock: ManualClock
  let opened: Store[]

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flota-embedded-'))
    clock = new ManualClock()
    opened = []
  })
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()))
    await rm(directory, { recursive: true, force: true })
  })

  const open = async (path = directory): Promise<Store> => {
    const store = await openEmbeddedStore({ directory: path, clock, log: silentLog })
    opened.push(store)
    return store
  }
  const put = async (store: Store, key: string, lease = 0n) =>
    store.commit({ operations: [{ kind: 'put', key, value: key, lease }] })
  const keys = async (store: Store) => (await store.read({ prefix: '' })).entries.map(({ key }) => key)

  test('has after a restart what it had before, revisions included', async () => {
    const store = await open()
    await put(store, 'a')
    await put(store, 'b')
    await put(store, 'a')
    await store.commit({ operations: [{ kind: 'delete', key: 'b' }] })
    const before = await store.read({ prefix: '' })
    await store.close()
    const again = await open()
    expect(await again.read({ prefix: '' })).toEqual(before)
    expect((await put(again, 'c')).revision).toBe(before.revision + 1n)
  })

  test('keeps the revision of a delete that left nothing', async () => {
    const store = await open()
    await put(store, 'a')
    const { revision } = await store.commit({ operations: [{ kind: 'delete', key: 'a' }] })
    await store.close()
    expect(await (await open()).read({ prefix: '' })).toEqual({ revision, entries: [] })
  })

  test('makes its directory, for its own user alone to read', async () => {
    const store = await open(join(directory, 'deep', 'er'))
    await put(store, 'a')
    expect(await keys(store)).toEqual(['a'])
  })

  test('gives each lease its full time again after a restart', async () => {
    const store = await open()
    const lease = await store.grantLease(8)
    await put(store, 'a', lease)
    await clock.advance(7_000)
    await store.close()
    const again = await open()
    expect(await again.leaseRemainingMs(lease)).toBe(8_000)
    await clock.advance(7_999)
    expect(await keys(again)).toEqual(['a'])
    await clock.advance(1)
    await put(again, 'b')
    expect(await keys(again)).toEqual(['b'])
  })

  test('never gives a lease of before a restart a second time', async () => {
    const store = await open()
    const lease = await store.grantLease(8)
    await store.revokeLease(lease)
    await store.close()
    expect(await (await open()).grantLease(8)).not.toBe(lease)
  })

  test('counts the time of a lease from its last renewal', async () => {
    const store = await open()
    const lease = await store.grantLease(8)
    await put(store, 'a', lease)
    await clock.advance(6_000)
    expect(await store.leaseRemainingMs(lease)).toBe(2_000)
    expect(await store.renewLease(lease)).toBe(true)
    expect(await store.leaseRemainingMs(lease)).toBe(8_000)
    await clock.advance(7_999)
    expect(await store.renewLease(lease)).toBe(true)
  })

  test('takes no renewal and no commit under a lease whose time is over, even before its keys have gone', async () => {
    const store = await open()
    const lease = await store.grantLease(8)
    await put(store, 'a', lease)
    const advancing = clock.advance(8_000)
    expect(await store.renewLease(lease)).toBe(false)
    expect(await store.leaseRemainingMs(lease)).toBeUndefined()
    await expect(put(store, 'b', lease)).rejects.toMatchObject({ code: 'not_found' })
    await advancing
    expect(await keys(store)).toEqual([])
  })

  test('a lease that ends while another is renewed takes its own keys alone', async () => {
    const store = await open()
    const [short, long] = [await store.grantLease(2), await store.grantLease(3)]
    await put(store, 'a', short)
    await put(store, 'b', long)
    const { revision } = await put(store, 'c')
    const watched = store.watch({ prefix: '' }, revision + 1n, new AbortController().signal)[Symbol.asyncIterator]()
    await watched.next()
    await clock.advance(2_000)
    expect((await watched.next()).value).toEqual({
      revision: revision + 1n,
      changes: [{ kind: 'delete', key: 'a', modRevision: revision + 1n }],
    })
    expect(await keys(store)).toEqual(['b', 'c'])
  })

  test('is refused to a second opener, with the next step, and free after close', async () => {
    const store = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: `Cannot open store '${directory}': another process has it open`,
      hint: 'only one flotad may run with this data directory; stop the other one or give each its own',
    })
    await store.close()
    await expect(open()).resolves.toBeDefined()
  })

  test('is refused where no directory can be', async () => {
    await expect(open('/dev/null/store')).rejects.toMatchObject({ code: 'failed_precondition' })
  })

  test('refuses what a newer Flota wrote', async () => {
    const level = new ClassicLevel(directory)
    await level.put('m!format', '2')
    await level.close()
    await expect(open()).rejects.toMatchObject({
      code: 'unsupported',
      message: `Cannot open store '${directory}': its format 2 is newer than 1`,
    })
  })

  test('answers what was asked before close', async () => {
    const store = await open()
    const commits = Promise.all(['a', 'b', 'c'].map((key) => put(store, key)))
    await store.close()
    await commits
    expect(await keys(await open())).toEqual(['a', 'b', 'c'])
  })
})

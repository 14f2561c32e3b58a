import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compactEtcd, startEtcd, type EtcdCluster } from '../../../test/real/etcd.ts'
import { startFaultProxy, type FaultProxy } from '../../../test/real/fault-proxy.ts'
import { waitFor } from '../../../test/real/wait-for.ts'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { followRange } from '../feed.ts'
import type { Change, Store } from '../store.ts'
import { createEtcdStore, type EtcdStore } from './etcd-store.ts'

const requestTimeoutMs = 1_000
const progressEveryMs = 400
/** When a watch must have ended: three times the interval, and one more until it looks. */
const watchBoundMs = progressEveryMs * 4 + 1_000
const lost = /^(unavailable|deadline_exceeded)$/

const open = (endpoints: readonly string[]): EtcdStore =>
  createEtcdStore({ endpoints, clock: realClock, log: silentLog, requestTimeoutMs, progressEveryMs })

const put = async (store: Store, key: string, value: string): Promise<bigint> =>
  (await store.commit({ operations: [{ kind: 'put', key, value }] })).revision

/** A watch that runs by itself: whether it stands, and how it ended. */
function startWatch(store: Store) {
  const watching: { batches: number; ended?: { readonly error: unknown } } = { batches: 0 }
  const run = async () => {
    const { revision } = await store.read({ key: '/w/none' })
    for await (const { changes } of store.watch({ prefix: '/w/' }, revision + 1n, new AbortController().signal)) {
      watching.batches += 1
      expect(changes).toEqual([])
    }
  }
  run().catch((error: unknown) => (watching.ended = { error }))
  return watching
}

describe('etcd behind a line that breaks', () => {
  let cluster: EtcdCluster
  let proxy: FaultProxy
  let store: EtcdStore
  let direct: EtcdStore

  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster.stop())
  beforeEach(async () => {
    proxy = await startFaultProxy(cluster.clientUrls[0] ?? '')
    store = open([proxy.url])
    direct = open(cluster.clientUrls)
  })
  afterEach(async () => {
    await store.close()
    await direct.close()
    await proxy.close()
  })

  const faults = [
    ['cut', () => proxy.cut()],
    ['silent in both directions', () => proxy.pause('both')],
    ['silent towards the client', () => proxy.pause('to-client')],
    ['silent towards the server', () => proxy.pause('to-server')],
  ] as const

  test.each(faults)('a watch on a line that is %s ends as unavailable in time', async (_, breakLine) => {
    const watching = startWatch(store)
    await waitFor('the watch', () => watching.batches > 0)
    const brokenMs = performance.now()
    breakLine()
    const { error } = await waitFor('the end of the watch', () => watching.ended, watchBoundMs)
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(performance.now() - brokenMs).toBeLessThan(watchBoundMs)
  })

  test.each(faults)(
    'calls on a line that is %s end in time, and work again when it is healed',
    async (_, breakLine) => {
      await put(store, '/x', '1')
      const [lease, other] = [await store.grantLease(60), await store.grantLease(60)]
      breakLine()
      const startMs = performance.now()
      const commit = { operations: [{ kind: 'put', key: '/x', value: '2' }] } as const
      const calls = [
        store.read({ key: '/x' }),
        store.commit(commit),
        store.grantLease(60),
        store.renewLease(lease),
        store.leaseRemainingMs(lease),
        store.revokeLease(other),
        store.memberClientUrls(),
        store.status(),
      ]
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: expect.stringMatching(lost) as string } })
      }
      expect(performance.now() - startMs).toBeLessThan(requestTimeoutMs + 1_000)
      proxy.resume()
      await waitFor('a call', () => put(store, '/x', '3').catch(() => undefined))
    },
  )

  test('an aborted call ends at once, with the reason of its signal', async () => {
    await put(store, '/x', '1')
    proxy.pause('both')
    const stop = new AbortController()
    const reading = store.read({ key: '/x' }, stop.signal)
    const reason = new Error('no longer wanted')
    setTimeout(() => stop.abort(reason), 50)
    const startMs = performance.now()
    await expect(reading).rejects.toBe(reason)
    expect(performance.now() - startMs).toBeLessThan(requestTimeoutMs / 2)
  })

  test('a feed sees every change once and in order, whatever the line does', async () => {
    const { seen, resets, losses, stop } = startFeed(store, '/feed/')
    await waitFor('the feed', () => resets.length === 1)
    const written: string[] = []
    const write = async () => {
      for (let turn = 0; turn < 5; turn += 1) {
        const value = written.length.toString()
        await put(direct, `/feed/${written.length % 3}`, value)
        written.push(value)
      }
    }
    const breaks = [() => proxy.cut(), () => proxy.pause('both'), () => proxy.pause('to-client'), () => proxy.cut()]
    for (const [index, breakLine] of breaks.entries()) {
      await write()
      breakLine()
      await write()
      await waitFor(`loss ${index}`, () => losses.length === index + 1)
      proxy.resume()
      await waitFor('all that was written', () => seen.length >= written.length)
    }
    await stop()
    expect(seen.map(valueOf)).toEqual(written)
    expect(resets).toHaveLength(1)
  })

  test('a feed reads again when what it missed is compacted', async () => {
    await put(direct, '/gone/a', '1')
    const { resets, losses, stop } = startFeed(store, '/gone/')
    await waitFor('the feed', () => resets.length === 1)
    proxy.cut()
    await waitFor('the loss', () => losses.length === 1)
    await put(direct, '/gone/a', '2')
    await direct.commit({ operations: [{ kind: 'delete', key: '/gone/a' }] })
    await put(direct, '/gone/b', '3')
    await compactEtcd(cluster.clientUrls[0] ?? '')
    proxy.resume()
    await waitFor('the second read', () => resets.length === 2)
    await stop()
    expect(resets).toEqual([['/gone/a'], ['/gone/b']])
  })

  test('a feed outlives a power cut of etcd', async () => {
    const { seen, resets, losses, stop } = startFeed(store, '/power/')
    await waitFor('the feed', () => resets.length === 1)
    await put(direct, '/power/a', '1')
    const { term } = await direct.status()
    await cluster.members[0]?.restart()
    await waitFor('the loss', () => losses.length === 1)
    await waitFor('a commit', () => put(direct, '/power/a', '2').catch(() => undefined))
    await waitFor('the change', () => seen.length === 2)
    await stop()
    expect(seen.map(valueOf)).toEqual(['1', '2'])
    expect(resets).toHaveLength(1)
    expect((await direct.status()).term).toBeGreaterThan(term)
    expect(direct.term).toBeGreaterThan(term)
  })
})

describe('etcd of three members', () => {
  let cluster: EtcdCluster

  beforeEach(async () => {
    cluster = await startEtcd(3)
  })
  afterEach(() => cluster.stop())

  test('calls go on at another member when the first one is dead or silent', async () => {
    const [first = '', ...others] = cluster.clientUrls
    const proxy = await startFaultProxy(first)
    const store = open([proxy.url, ...others])
    await put(store, '/x', '1')
    proxy.pause('both')
    const { entries } = await store.read({ key: '/x' })
    expect(entries).toHaveLength(1)
    await put(store, '/x', '2')
    await proxy.close()
    await cluster.members[1]?.kill()
    expect((await waitFor('a read', () => store.read({ key: '/x' }).catch(() => undefined))).entries).toMatchObject([
      { value: '2' },
    ])
    await store.close()
  })

  test('a member without quorum ends watches and calls; with quorum again, everything goes on', async () => {
    const [only, ...others] = cluster.members
    const store = open([only?.clientUrl ?? ''])
    const watching = startWatch(store)
    await waitFor('the watch', () => watching.batches > 0)
    for (const member of others) member.signal('SIGSTOP')
    const { error } = await waitFor('the end of the watch', () => watching.ended, 15_000)
    expect(error).toMatchObject({ code: 'unavailable' })
    await expect(put(store, '/x', '1')).rejects.toMatchObject({ code: expect.stringMatching(lost) as string })
    await expect(store.read({ key: '/x' })).rejects.toMatchObject({ code: expect.stringMatching(lost) as string })
    for (const member of others) member.signal('SIGCONT')
    await waitFor('a commit', () => put(store, '/x', '2').catch(() => undefined), 20_000)
    await store.close()
  })

  test('tells where the members are, and follows them', async () => {
    const [first = ''] = cluster.clientUrls
    const store = open([first])
    expect(await store.memberClientUrls()).toEqual(cluster.clientUrls.toSorted())
    store.updateEndpoints(await store.memberClientUrls())
    await cluster.members[0]?.kill()
    await waitFor('a commit at the others', () => put(store, '/x', '1').catch(() => undefined), 20_000)
    const status = await store.status()
    expect(status.version).toMatch(/^3\./)
    expect(status.leader).toBeDefined()
    await store.close()
  })
})

const valueOf = (change: Change): string => (change.kind === 'put' ? change.entry.value : '')

function startFeed(store: Store, prefix: string) {
  const seen: Change[] = []
  const resets: (readonly string[])[] = []
  const losses: unknown[] = []
  const stopping = new AbortController()
  const done = followRange(
    store,
    { prefix },
    {
      onReset: (entries) => resets.push(entries.map(({ key }) => key)),
      onChanges: (changes) => seen.push(...changes),
      onLost: (error) => losses.push(error),
      clock: realClock,
      log: silentLog,
      random: Math.random,
      signal: stopping.signal,
    },
  )
  return { seen, resets, losses, stop: () => (stopping.abort(), done) }
}

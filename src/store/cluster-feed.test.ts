import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turns } from '../../test/fixtures/engine-story.ts'
import { machineId } from '../../test/fixtures/sample-cluster.ts'
import type { Dirty } from '../cluster/dirty.ts'
import { ManualClock } from '../lib/clock.ts'
import { silentLog, type Log } from '../lib/log.ts'
import { ClusterFeed } from './cluster-feed.ts'
import { codecs } from './codec.ts'
import { keys } from './keys.ts'
import { MemoryStore } from './memory.ts'

const machine = machineId('a')
const presence = codecs.presence.encode({ bootId: 'x', isReady: true, nonce: 'n' })

let clock = new ManualClock()
let store = new MemoryStore(clock)
let errors: string[] = []
let feed = makeFeed()

function makeFeed(): ClusterFeed {
  const log: Log = { ...silentLog, error: (_, fields) => errors.push(String(fields?.['key'])) }
  return new ClusterFeed({ store, clock, log, random: () => 0, idleMs: 60_000 })
}

beforeEach(() => {
  clock = new ManualClock()
  store = new MemoryStore(clock)
  errors = []
  feed = makeFeed()
})
afterEach(async () => {
  await feed.close()
  await store.close()
})

const put = (key: string, value: string) => store.commit({ operations: [{ kind: 'put', key, value }] })

describe('a cluster feed', () => {
  it('reads the cluster, then follows it and tells what changed', async () => {
    await put(keys.machinePresence(machine), presence)
    const heard: Dirty[] = []
    feed.onChange((dirty) => heard.push(dirty))
    await feed.acquire()
    expect(feed.isCurrent).toBe(true)
    expect([...feed.view.machines.keys()]).toEqual([machine])
    const { revision } = await store.commit({ operations: [{ kind: 'delete', key: keys.machinePresence(machine) }] })
    await feed.waitForRevision(revision)
    expect(feed.view.machines.size).toBe(0)
    expect(heard[0]).toBe('everything')
    expect(heard.at(-1)).toEqual({ units: new Set(), machines: new Set([machine]) })
  })

  it('is one watch for all who hold it, and stops a while after the last let go', async () => {
    await Promise.all([feed.acquire(), feed.acquire()])
    feed.release()
    await clock.advance(100_000)
    await turns()
    expect(feed.isCurrent).toBe(true)
    feed.release()
    await clock.advance(59_000)
    await turns()
    expect(feed.isCurrent).toBe(true)
    await clock.advance(1_000)
    await turns()
    expect(feed.isCurrent).toBe(false)
  })

  it('goes on when somebody needs it again in time, and starts anew later', async () => {
    await feed.acquire()
    feed.release()
    await clock.advance(30_000)
    await feed.acquire()
    await clock.advance(60_000)
    await turns()
    expect(feed.isCurrent).toBe(true)
    feed.release()
    await clock.advance(60_000)
    await turns()
    await put(keys.machinePresence(machine), presence)
    await feed.acquire()
    expect(feed.view.machines.size).toBe(1)
  })

  it('is not current while its watch is broken, and counts the gap', async () => {
    await feed.acquire()
    const before = feed.gapCount
    store.isAway = true
    store.breakWatches()
    await turns()
    expect(feed.isCurrent).toBe(false)
    expect(feed.gapCount).toBeGreaterThan(before)
    store.isAway = false
    await clock.advance(5_000)
    await turns()
    expect(feed.isCurrent).toBe(true)
  })

  it('reads anew when what it missed is compacted', async () => {
    await put(keys.machinePresence(machine), presence)
    await feed.acquire()
    store.isAway = true
    store.breakWatches()
    await turns()
    store.isAway = false
    await store.commit({ operations: [{ kind: 'delete', key: keys.machinePresence(machine) }] })
    await put('/elsewhere', '1')
    store.compact(store.revision)
    for (let round = 0; round < 5; round++) {
      await clock.advance(5_000)
      await turns()
    }
    expect(feed.isCurrent).toBe(true)
    expect(feed.view.machines.size).toBe(0)
  })

  it('passes over a value that it cannot read, and says which', async () => {
    await put(keys.machinePresence(machine), '{"v":1}')
    await put(keys.machineRecord(machine), 'not JSON')
    await feed.acquire()
    expect(feed.view.machines.size).toBe(0)
    expect(errors).toEqual([keys.machinePresence(machine), keys.machineRecord(machine)])
  })

  it('gives up waiting when the signal aborts', async () => {
    store.isAway = true
    await expect(feed.acquire(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    const stop = new AbortController()
    const waiting = feed.waitForRevision(9n, stop.signal)
    stop.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
  })
})

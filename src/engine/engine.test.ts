import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineStory, turns } from '../../test/fixtures/engine-story.ts'
import { machineId } from '../../test/fixtures/sample-cluster.ts'
import { silentLog } from '../lib/log.ts'
import { ClusterFeed } from '../store/cluster-feed.ts'
import { keys } from '../store/keys.ts'

let story = new EngineStory()
beforeEach(() => {
  story = new EngineStory()
})
afterEach(() => story.close())

const ownFeed = () =>
  new ClusterFeed({ store: story.store, clock: story.clock, log: silentLog, random: () => 0, idleMs: 1_000 })

const leaderKey = async () => (await story.store.read({ key: keys.leader })).entries[0]

describe('an engine', () => {
  it('leads when nobody does, and plans', async () => {
    const { engine } = story.start('a')
    await story.wait(100)
    expect(engine.isLeading).toBe(true)
    await story.machine('a')
    await story.want('x', 'launched')
    await turns()
    expect(await story.places()).toEqual(['x on a (placed)'])
  })

  it('keeps leading for as long as it renews', async () => {
    const { engine } = story.start('a')
    await story.wait(30_000)
    expect(engine.isLeading).toBe(true)
    expect(story.takeLines()).toEqual(['Leads a'])
  })

  it('waits its turn, and leads at once when the leader resigns', async () => {
    const first = story.start('a')
    await story.wait(100)
    const second = story.start('b', ownFeed())
    await story.wait(5_000)
    expect([first.engine.isLeading, second.engine.isLeading]).toEqual([true, false])
    await first.stop()
    await turns()
    expect(second.engine.isLeading).toBe(true)
    expect((await leaderKey())?.value).toContain(machineId('b'))
  })

  it('holds no view of the cluster while another leads', async () => {
    story.start('a')
    await story.wait(100)
    const feed = ownFeed()
    story.start('b', feed)
    await story.machine('a')
    await story.wait(1_000)
    expect(feed.isCurrent).toBe(false)
    expect(feed.view.machines.size).toBe(0)
  })

  it('ceases to believe that it leads when it cannot renew, and leads again when the store is back in time', async () => {
    const { engine } = story.start('a')
    await story.wait(100)
    story.store.isAway = true
    await story.wait(2_000)
    expect(engine.isLeading).toBe(true)
    await story.wait(2_000)
    expect(engine.isLeading).toBe(false)
    story.store.isAway = false
    await story.wait(3_000)
    expect(engine.isLeading).toBe(true)
  })

  it('steps down when its key is taken away', async () => {
    const { engine } = story.start('a')
    await story.wait(100)
    const before = await leaderKey()
    await story.store.commit({ operations: [{ kind: 'delete', key: keys.leader }] })
    await story.wait(1_500)
    // It may campaign again: another term, with another fence.
    expect(engine.isLeading).toBe(true)
    expect((await leaderKey())?.createRevision).not.toBe(before?.createRevision)
  })

  it('writes nothing once another leads: its commits compare the leader key', async () => {
    story.start('a')
    await story.wait(100)
    const before = await leaderKey()
    await story.store.commit({ operations: [{ kind: 'delete', key: keys.leader }] })
    const other = { kind: 'put' as const, key: keys.leader, value: before?.value ?? '' }
    await story.store.commit({ operations: [other] })
    const late = await story.store.commit({
      compares: [{ key: keys.leader, createRevision: before?.createRevision ?? 0n }],
      operations: [{ kind: 'put', key: keys.waiting('x.service' as never), value: '' }],
    })
    expect(late.kind).toBe('conflict')
  })

  it('gives every machine a whole lease after the store was away', async () => {
    const { engine } = story.start('a')
    await story.machine('a')
    await story.machine('b')
    await story.want('x', 'launched')
    await story.agents()
    story.store.isAway = true
    story.store.breakWatches()
    await story.wait(1_500)
    story.store.isAway = false
    await story.lose('a')
    await story.wait(6_000)
    expect(engine.isLeading).toBe(true)
    expect(await story.places()).toEqual(['x on a (placed)'])
    await story.wait(6_000)
    expect(await story.places()).toEqual(['x on a (leaving)', 'x on b (placed)'])
  })

  it('adds no wait for a lost machine when the leader changes', async () => {
    const first = story.start('a')
    await story.wait(100)
    const second = story.start('b', ownFeed())
    await story.machine('a')
    await story.machine('b')
    await story.want('x', 'launched')
    await story.agents()
    await first.stop()
    await story.lose('a')
    await story.wait(600)
    expect(second.engine.isLeading).toBe(true)
    expect(await story.places()).toEqual(['x on a (leaving)', 'x on b (placed)'])
  })

  it('plans again what a commit lost, on what won', async () => {
    story.start('a')
    await story.machine('a')
    await story.machine('b')
    const taken = { kind: 'put' as const, key: keys.machinePresence(machineId('a')), value: 'not a presence' }
    await story.want('x', 'inactive')
    await Promise.all([story.want('x', 'launched'), story.store.commit({ operations: [taken] })])
    await story.wait(500)
    expect(await story.places()).toHaveLength(1)
  })
})

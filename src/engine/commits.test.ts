import { describe, expect, it } from 'vitest'
import { machineId, SampleCluster } from '../../test/fixtures/sample-cluster.ts'
import { keys } from '../store/keys.ts'
import { checkCommit, storeLimits } from '../store/limits.ts'
import type { Commit } from '../store/store.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import { toCommits } from './commits.ts'

const fence = { key: keys.leader, createRevision: 7n }
const a = machineId('a')
const b = machineId('b')
const x = parseUnitName('x.service')

const commitsOf = (cluster: SampleCluster, limits = storeLimits): readonly Commit[] =>
  toCommits({ decisions: cluster.plan() }, { view: cluster.view, fence, limits })

describe('toCommits', () => {
  it('makes nothing of an empty plan', () => {
    expect(commitsOf(new SampleCluster())).toEqual([])
  })

  it('fences a new place by leader, unit, an absent schedule key and the presence of the machine', () => {
    const cluster = new SampleCluster().machine('a').unit('x')
    const [commit] = commitsOf(cluster)
    expect(commit?.compares).toEqual([
      fence,
      { key: keys.unit(x), modRevision: cluster.view.units.get(x)?.modRevision },
      { key: keys.schedule(a, x), modRevision: 0n },
      { key: keys.machinePresence(a), createRevision: cluster.view.machines.get(a)?.presence?.createRevision },
    ])
    expect(commit?.operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual([`put ${keys.schedule(a, x)}`])
  })

  it('fences a release by the place as it was seen, and of a destroyed unit by its absence', () => {
    const cluster = new SampleCluster().machine('a').unit('x').settle()
    const modRevision = cluster.view.placesOf(x).get(a)?.modRevision
    const [commit] = commitsOf(cluster.destroy('x'))
    expect(commit?.compares).toEqual([
      fence,
      { key: keys.unit(x), modRevision: 0n },
      { key: keys.schedule(a, x), modRevision },
    ])
    expect(commit?.operations).toEqual([{ kind: 'delete', key: keys.schedule(a, x) }])
  })

  it('moves a unit in one commit: the old place as leaving, the new one, and no more waiting', () => {
    const cluster = new SampleCluster().machine('a').unit('x').settle().lose('a')
    cluster.step()
    const [commit] = commitsOf(cluster.machine('b'))
    expect(commit?.operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      `put ${keys.schedule(b, x)}`,
      `delete ${keys.waiting(x)}`,
    ])
  })

  it('frees before it takes', () => {
    const cluster = new SampleCluster().machine('a').unit('old').settle().destroy('old').unit('new')
    const operations = commitsOf(cluster).flatMap((commit) => commit.operations)
    expect(operations.map(({ kind }) => kind)).toEqual(['delete', 'put'])
  })

  it('cuts a large plan at the limits of the store, every piece fenced and with all of each unit', () => {
    const cluster = new SampleCluster().machine('a').machine('b')
    for (let at = 0; at < 300; at++) cluster.unit(`x${at}`)
    const commits = commitsOf(cluster)
    expect(commits.length).toBeGreaterThan(5)
    for (const commit of commits) {
      expect(() => checkCommit(commit)).not.toThrow()
      expect(commit.compares?.[0]).toEqual(fence)
    }
    expect(commits.flatMap(({ operations }) => operations)).toHaveLength(300)
  })

  it('cuts by bytes too', () => {
    const cluster = new SampleCluster().machine('a').unit('x').unit('y')
    expect(commitsOf(cluster, { maxOperations: 128, maxBytes: 600 })).toHaveLength(2)
  })

  it('cuts a global unit on many machines', () => {
    const cluster = new SampleCluster().unit('g', { asks: ['Global=true'] })
    for (let at = 0; at < 100; at++) cluster.machine(`m${at}`)
    const commits = commitsOf(cluster)
    for (const commit of commits) expect(() => checkCommit(commit)).not.toThrow()
    expect(commits.flatMap(({ operations }) => operations)).toHaveLength(100)
  })
})

import { expect, it } from 'vitest'
import { SampleCluster } from '../../test/fixtures/sample-cluster.ts'
import { byRevision } from './by-revision.ts'

it('computes anew for another revision and for another view, and else not', () => {
  let computed = 0
  const countUnits = byRevision((view) => {
    computed++
    return view.units.size
  })
  const cluster = new SampleCluster().unit('a.service')
  const other = new SampleCluster()
  expect([countUnits(cluster.view), countUnits(cluster.view), computed]).toEqual([1, 1, 1])
  cluster.unit('b.service')
  expect([countUnits(cluster.view), countUnits(other.view), countUnits(cluster.view), computed]).toEqual([2, 0, 2, 3])
})

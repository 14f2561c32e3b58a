import { describe, expect, it } from 'vitest'
import { machineId, SampleCluster } from '../../test/fixtures/sample-cluster.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import { PlanOverlay } from './plan-overlay.ts'
import { Ranking } from './rank.ts'

const record = {
  hash: 'a'.repeat(40) as never,
  desired: 'launched',
  generation: 1,
  phase: 'placed',
  reason: 'r',
} as const

describe('a ranking', () => {
  const names = (ranking: Ranking) => [...ranking.machines()].map((id) => id.charAt(0)).join('')

  it('has the fewest units first, then the lowest id, and nobody who is away', () => {
    const sample = new SampleCluster().machine('c').machine('b').machine('a').machine('d').lose('d')
    expect(names(new Ranking(new PlanOverlay(sample.view, sample.lost)))).toBe('abc')
  })

  it('moves a machine as it gets and loses units', () => {
    const sample = new SampleCluster().machine('a').machine('b').machine('c')
    const overlay = new PlanOverlay(sample.view, new Set())
    const ranking = new Ranking(overlay)
    const place = (unit: string, machine: string) => {
      const before = overlay.countOf(machineId(machine))
      overlay.put(parseUnitName(unit), machineId(machine), record)
      ranking.update(machineId(machine), before)
    }
    place('x.service', 'a')
    expect(names(ranking)).toBe('bca')
    place('y.service', 'b')
    expect(names(ranking)).toBe('cab')
    overlay.release(parseUnitName('x.service'), machineId('a'), 'r')
    ranking.update(machineId('a'), 1)
    expect(names(ranking)).toBe('acb')
  })

  it('ignores a machine that it does not know', () => {
    const ranking = new Ranking(new PlanOverlay(new SampleCluster().machine('a').view, new Set()))
    ranking.update(machineId('b'), 0)
    expect(names(ranking)).toBe('a')
  })
})

import { describe, expect, it } from 'vitest'
import { machineId, SampleCluster } from '../../../test/fixtures/sample-cluster.ts'
import { parseUnitName } from '../../unit/unit-name.ts'
import { PlanOverlay } from '../plan-overlay.ts'
import { placeFilters } from './all-filters.ts'

const a = machineId('a')
const x = parseUnitName('x.service')

/** The first filter that refuses machine a to unit x, and its words. */
function refusal(cluster: SampleCluster): string | undefined {
  const overlay = new PlanOverlay(cluster.view, cluster.lost)
  const machine = cluster.view.machines.get(a)
  const requirements = overlay.requirementsOf(x)
  if (machine === undefined || requirements === undefined) throw new Error('the sample lacks machine a or unit x')
  for (const { name, check } of placeFilters) {
    const reason = check({ unit: x, requirements, machine }, overlay)
    if (reason !== undefined) return `${name}: ${reason}`
  }
  return undefined
}

const sample = (asks: readonly string[] = [], metadata = {}) =>
  new SampleCluster().machine('a', { metadata }).unit('x', { asks, desired: 'inactive' })

describe('filters', () => {
  it.each([
    { title: 'nothing', cluster: () => sample(), text: undefined },
    { title: 'a lost machine', cluster: () => sample().lose('a'), text: 'lost: is away' },
    { title: 'a machine in doubt', cluster: () => sample().lose('a', false), text: 'lost: is away' },
    {
      title: 'one that has not reported',
      cluster: () => sample().machine('a', { isReady: false }),
      text: 'ready: is not ready yet',
    },
    { title: 'another machine id', cluster: () => sample(['MachineID=cccccccc']), text: 'machine-id: is not cccccccc' },
    { title: 'its own short id', cluster: () => sample(['MachineID=aaaaaaaa']), text: undefined },
    {
      title: 'a prefix that is no short id',
      cluster: () => sample(['MachineID=aaaa']),
      text: 'machine-id: is not aaaa',
    },
    { title: 'metadata it has', cluster: () => sample(['MachineMetadata=d=1'], { d: '1' }), text: undefined },
    { title: 'one of two values', cluster: () => sample(['MachineMetadata="d=1" "d=2"'], { d: '2' }), text: undefined },
    {
      title: 'one of two keys',
      cluster: () => sample(['MachineMetadata="d=1" "e=2"'], { d: '1' }),
      text: 'metadata: lacks e=2',
    },
    {
      title: 'an empty value that is not there',
      cluster: () => sample(['MachineMetadata=d=']),
      text: 'metadata: lacks d=',
    },
    {
      title: 'a peer that is elsewhere',
      cluster: () => sample(['MachineOf=p.service']).unit('p'),
      text: 'machine-of: does not run p.service',
    },
    {
      title: 'a peer that is here',
      cluster: () => sample(['MachineOf=p.service']).unit('p').settle(),
      text: undefined,
    },
    {
      title: 'a conflict of its own',
      cluster: () => sample(['Conflicts=p*']).unit('p').settle(),
      text: 'conflicts: conflicts with p.service',
    },
    {
      title: 'a conflict of the other',
      cluster: () =>
        sample()
          .unit('p', { asks: ['Conflicts=x*'] })
          .settle(),
      text: 'conflicts: conflicts with p.service',
    },
    {
      title: 'a conflict with itself',
      cluster: () => sample(['Conflicts=x*']).report('a', 'x', 'active'),
      text: undefined,
    },
    {
      title: 'a conflict with one that failed',
      cluster: () => sample(['Conflicts=p*']).unit('p').settle().report('a', 'p', 'failed').destroy('p'),
      text: 'conflicts: conflicts with p.service',
    },
    {
      title: 'one that replaces it',
      cluster: () =>
        sample()
          .unit('p', { asks: ['Replaces=x.service'] })
          .settle(),
      text: 'replaces: has it replaced by p.service',
    },
    {
      title: 'a copy that still stops elsewhere',
      cluster: () => sample().machine('b').report('b', 'x', 'deactivating'),
      text: 'elsewhere: waits until the copy on bbbbbbbb has stopped',
    },
  ])('meet $title', ({ cluster, text }) => {
    expect(refusal(cluster())).toBe(text)
  })

  it('each have words for one machine and for several', () => {
    for (const { explain } of placeFilters) {
      const { one, many } = explain('lacks disk=ssd')
      expect([one, many].every((text) => text.length > 0)).toBe(true)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { machineId, SampleCluster, unitText } from '../../test/fixtures/sample-cluster.ts'
import { hashUnitText } from '../unit/hash.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import type { ClusterChange } from './change.ts'
import { nothingDirty } from './dirty.ts'
import { LiveView } from './live-view.ts'

const a = machineId('a')
const x = parseUnitName('x.service')
const hash = hashUnitText(unitText([]))
const versioned = <T>(value: T) => ({ value, createRevision: 1n, modRevision: 1n })

const unit: ClusterChange = {
  kind: 'unit',
  unit: x,
  record: versioned({ hash, desired: 'launched' as const, generation: 1 }),
}
const place: ClusterChange = {
  kind: 'schedule',
  machine: a,
  unit: x,
  record: versioned({ hash, desired: 'launched' as const, generation: 1, phase: 'placed' as const, reason: 'r' }),
}
const stateIs = (active: string, since = ''): ClusterChange => ({
  kind: 'state',
  machine: a,
  unit: x,
  record: versioned({ load: 'loaded', active, sub: active, hash, generation: 1, since }),
})
const presenceIs = (isReady: boolean): ClusterChange => ({
  kind: 'presence',
  machine: a,
  record: versioned({ bootId: 'b', isReady, nonce: 'n' }),
})

describe('a live view', () => {
  it('keeps places and states from both sides, and forgets what goes', () => {
    const view = new LiveView()
    view.apply([place, stateIs('active')], 5n)
    expect(view.revision).toBe(5n)
    expect([...view.placesOf(x).keys()]).toEqual([a])
    expect([...view.scheduleOf(a).keys()]).toEqual([x])
    expect(view.statesOf(x).get(a)?.value.active).toBe('active')
    expect([...view.reportedOn(a).keys()]).toEqual([x])
    view.apply([{ kind: 'schedule', machine: a, unit: x, record: undefined }], 6n)
    expect([view.placesOf(x).size, view.scheduleOf(a).size]).toEqual([0, 0])
  })

  it('reset forgets everything that is not in the new truth', () => {
    const sample = new SampleCluster()
      .machine('a')
      .unit('x')
      .unit('g', { asks: ['Global=true'] })
      .settle()
    sample.view.reset([unit], 99n)
    const { view } = sample
    expect([view.units.size, view.machines.size, view.globals.size, view.files.size]).toEqual([1, 0, 0, 0])
    expect(view.scheduleOf(a).size).toBe(0)
    expect(view.revision).toBe(99n)
  })

  it.each([
    { title: 'a unit', before: [], change: unit, units: [x], machines: [] },
    { title: 'a place', before: [], change: place, units: [x], machines: [a] },
    { title: 'a first state', before: [], change: stateIs('active'), units: [x], machines: [a] },
    { title: 'a state that takes no room', before: [], change: stateIs('failed'), units: [x], machines: [a] },
    {
      title: 'a state of the same room',
      before: [stateIs('activating')],
      change: stateIs('active'),
      units: [x],
      machines: [],
    },
    {
      title: 'a state that frees room',
      before: [stateIs('active')],
      change: stateIs('failed'),
      units: [x],
      machines: [a],
    },
    { title: 'a presence', before: [], change: presenceIs(false), units: [], machines: [a] },
    {
      title: 'a presence that becomes ready',
      before: [presenceIs(false)],
      change: presenceIs(true),
      units: [],
      machines: [a],
    },
    {
      title: 'a presence that says nothing new',
      before: [presenceIs(true)],
      change: presenceIs(true),
      units: [],
      machines: [],
    },
    {
      title: 'a file that a unit waits for',
      before: [unit],
      change: { kind: 'file', hash, text: unitText([]) } as const,
      units: [x],
      machines: [],
    },
    {
      title: 'a file that nobody has',
      before: [],
      change: { kind: 'file', hash, text: '' } as const,
      units: [],
      machines: [],
    },
    { title: 'a leader', before: [], change: { kind: 'leader', record: undefined } as const, units: [], machines: [] },
  ])('says who is concerned by $title', ({ before, change, units, machines }) => {
    const view = new LiveView()
    view.apply(before, 1n)
    expect(view.apply([change], 2n)).toEqual({ ...nothingDirty, units: new Set(units), machines: new Set(machines) })
  })

  it('parses a file once, and requirements once a unit', () => {
    const { view } = new SampleCluster().unit('x', { asks: ['Conflicts=%p*'] }).unit('y', { asks: ['Conflicts=%p*'] })
    const [first, second] = [...view.units].map(([name, { value }]) => view.requirementsOf(name, value.hash))
    expect([first?.conflicts, second?.conflicts]).toEqual([['x*'], ['y*']])
    const [name, record] = [...view.units][0] ?? []
    expect(name && record && view.requirementsOf(name, record.value.hash)).toBe(first)
    const shared = record?.value.hash ?? hash
    expect(view.optionsOf(shared)).toBe(view.optionsOf(shared))
  })

  it('knows no options of a text that is not there or is no unit file', () => {
    const view = new LiveView()
    expect(view.optionsOf(hash)).toBeUndefined()
    view.apply([unit, { kind: 'file', hash, text: '[broken' }], 2n)
    expect(view.optionsOf(hash)).toBeUndefined()
    expect(view.requirementsOf(x, hash)).toBeUndefined()
  })

  it('knows the global units as their files change', () => {
    const sample = new SampleCluster().unit('x', { asks: ['Global=true'] })
    expect([...sample.view.globals]).toEqual([x])
    sample.unit('x')
    expect(sample.view.globals.size).toBe(0)
    sample.unit('x', { asks: ['Global=true'] }).destroy('x')
    expect(sample.view.globals.size).toBe(0)
  })

  it('lays dynamic metadata over the static, and an empty value hides a key', () => {
    const { view } = new SampleCluster()
      .machine('a', { metadata: { zone: 'x', disk: 'ssd' } })
      .apply({ kind: 'metadata', machine: a, record: versioned({ metadata: { disk: '', rack: '1' } }) })
    expect(view.machines.get(a)?.metadata).toEqual({ rack: '1', zone: 'x' })
  })

  it('keeps a machine that is away as long as it has a record', () => {
    const { view } = new SampleCluster().machine('a').lose('a')
    expect(view.machines.get(a)?.presence).toBeUndefined()
    view.apply([{ kind: 'record', machine: a, record: undefined }], 9n)
    expect(view.machines.size).toBe(0)
  })

  it('takes a change in 100,000 units without looking at the others', { timeout: 60_000 }, () => {
    const units = Array.from({ length: 100_000 }, (_, at): ClusterChange => ({
      ...unit,
      unit: parseUnitName(`x${at}.service`),
    }))
    const view = new LiveView()
    view.reset([...units, { kind: 'file', hash, text: unitText([]) }], 1n)
    const startMs = performance.now()
    for (let at = 0; at < 10_000; at++) view.apply([units[at]!], BigInt(at + 2))
    // 10,000 changes; a walk over all units for each would take many minutes.
    expect(performance.now() - startMs).toBeLessThan(10_000)
  })
})

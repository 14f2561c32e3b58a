import { expect, it } from 'vitest'
import type { ScheduleRecord } from '../cluster/records.ts'
import { unknownUnit } from '../systemd/dbus-unit.ts'
import type { SystemdUnit } from '../systemd/systemd.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import type { LaunchRecord } from './launch-records.ts'
import type { LoadedUnit } from './plan.ts'
import { planActions } from './plan.ts'

const unit = 'a.service' as UnitName
const hash = 'a'.repeat(40) as UnitHash
const otherHash = 'b'.repeat(40) as UnitHash
const entry: ScheduleRecord = { hash, desired: 'launched', generation: 2, phase: 'placed', reason: 'test' }
const inactive: SystemdUnit = { ...unknownUnit, load: 'loaded' }
const running: SystemdUnit = { ...inactive, active: 'active', sub: 'running', invocationId: 'i2' }
const failed: SystemdUnit = { ...inactive, active: 'failed', sub: 'failed', invocationId: 'i2' }
const launch: LaunchRecord = { unit, hash, generation: 2, bootId: 'boot', phase: 'started', invocation: '' }
const starting: LaunchRecord = { ...launch, phase: 'starting', invocation: 'i1' }

interface Row {
  readonly title: string
  readonly wanted?: Partial<ScheduleRecord>
  readonly there: Partial<LoadedUnit>
  readonly steps: string
}

const there = (change: Partial<LoadedUnit>): LoadedUnit => ({
  file: hash,
  launch: undefined,
  state: inactive,
  isLinked: true,
  ...change,
})

const rows: readonly Row[] = [
  { title: 'a new unit', wanted: {}, there: { file: undefined, state: unknownUnit }, steps: 'write link start' },
  {
    title: 'a new unit to be loaded',
    wanted: { desired: 'loaded' },
    there: { file: undefined, state: unknownUnit },
    steps: 'write link',
  },
  { title: 'a unit that is as wanted', wanted: {}, there: { launch, state: running }, steps: '' },
  { title: 'a launched unit that is over', wanted: {}, there: { launch }, steps: '' },
  { title: 'a launched unit that failed', wanted: {}, there: { launch, state: failed }, steps: '' },
  {
    title: 'a unit launched in another boot',
    wanted: {},
    there: { launch: { ...launch, bootId: 'old' } },
    steps: 'start',
  },
  { title: 'a unit whose link is gone', wanted: {}, there: { launch, state: unknownUnit }, steps: 'link' },
  {
    title: 'a unit whose file is gone',
    wanted: {},
    there: { launch, file: undefined, state: running },
    steps: 'write link reload',
  },
  {
    title: 'a unit after a restart of flotad',
    wanted: {},
    there: { launch, state: running, isLinked: false },
    steps: 'link',
  },
  {
    title: 'a changed file that systemd may not have loaded when flotad was killed',
    wanted: {},
    there: { launch, state: { ...running, needsReload: true }, isLinked: false },
    steps: 'link reload',
  },
  {
    title: 'a hint to reload at any other time',
    wanted: {},
    there: { launch, state: { ...running, needsReload: true } },
    steps: '',
  },
  { title: 'a loaded unit to be launched', wanted: {}, there: {}, steps: 'start' },
  {
    title: 'a launched unit to be loaded',
    wanted: { desired: 'loaded' },
    there: { launch, state: running },
    steps: 'stop',
  },
  { title: 'a stopped unit to be loaded', wanted: { desired: 'loaded' }, there: { launch }, steps: 'forget' },
  { title: 'a unit that others started', wanted: { desired: 'loaded' }, there: { state: running }, steps: '' },
  {
    title: 'a running unit of another content',
    wanted: { hash: otherHash },
    there: { launch, state: running },
    steps: 'stop',
  },
  {
    title: 'a stopped unit of another content',
    wanted: { hash: otherHash },
    there: { launch },
    steps: 'write link reload start',
  },
  {
    title: 'a failed unit of another content',
    wanted: { hash: otherHash, generation: 3 },
    there: { launch, state: failed },
    steps: 'write link reload start',
  },
  {
    title: 'a new start of a running unit',
    wanted: { generation: 3 },
    there: { launch, state: running },
    steps: 'stop',
  },
  {
    title: 'a new start of a failed unit',
    wanted: { generation: 3 },
    there: { launch, state: failed },
    steps: 'start',
  },
  {
    title: 'an older generation of a running unit',
    wanted: { generation: 1 },
    there: { launch, state: running },
    steps: 'adopt',
  },
  { title: 'a running unit without a record', wanted: {}, there: { state: running }, steps: 'adopt' },
  {
    title: 'a running unit without a record, of another content',
    wanted: {},
    there: { state: running, file: otherHash },
    steps: 'stop',
  },
  {
    title: 'a unit of the system of the same name',
    wanted: {},
    there: { state: running, file: undefined },
    steps: 'write link reload start',
  },
  { title: 'a start that was taken', wanted: {}, there: { launch: starting, state: running }, steps: 'adopt' },
  {
    title: 'a start that was taken and failed',
    wanted: {},
    there: { launch: starting, state: failed },
    steps: 'adopt',
  },
  { title: 'a start that was not taken', wanted: {}, there: { launch: starting }, steps: 'start' },
  {
    title: 'a start that was not taken, of a unit that had failed before',
    wanted: {},
    there: { launch: { ...starting, invocation: 'i2' }, state: failed },
    steps: 'start',
  },
  { title: 'a running unit that is gone', there: { launch, state: running }, steps: 'stop' },
  {
    title: 'a unit that stops and is gone',
    there: { launch, state: { ...running, active: 'deactivating' } },
    steps: 'stop',
  },
  {
    title: 'a unit that waits for its next try and is gone',
    there: { launch, state: { ...running, active: 'activating' } },
    steps: 'stop',
  },
  { title: 'a stopped unit that is gone', there: { launch }, steps: 'unload' },
  { title: 'a failed unit that is gone', there: { launch, state: failed }, steps: 'unload' },
  {
    title: 'the record of a unit that is gone',
    there: { launch, file: undefined, state: unknownUnit },
    steps: 'unload',
  },
  { title: 'nothing at all', there: { file: undefined, state: unknownUnit }, steps: '' },
  {
    title: 'a leaving unit',
    wanted: { phase: 'leaving', hash: otherHash },
    there: { launch, state: running },
    steps: '',
  },
  {
    title: 'a draining unit to be loaded',
    wanted: { phase: 'draining', desired: 'loaded' },
    there: { launch, state: running },
    steps: '',
  },
  {
    title: 'a leaving unit that does not run',
    wanted: { phase: 'leaving' },
    there: { file: undefined, state: unknownUnit },
    steps: '',
  },
]

it.each(rows)('plans for $title: $steps', ({ wanted, there: change, steps }) => {
  const actions = planActions({
    wanted: new Map(wanted === undefined ? [] : [[unit, { ...entry, ...wanted }]]),
    loaded: new Map([[unit, there(change)]]),
    held: new Set(),
    bootId: 'boot',
  })
  expect(actions.map(({ kind }) => kind).join(' ')).toBe(steps)
})

it('orders by phase, then by name, whatever the order of what it is given', () => {
  const names = ['c.service', 'a.service', 'b.service'] as UnitName[]
  const plan = (units: readonly UnitName[]) =>
    planActions({
      wanted: new Map(units.map((name) => [name, entry])),
      loaded: new Map(units.map((name) => [name, there({ file: undefined, state: unknownUnit })])),
      held: new Set(),
      bootId: 'boot',
    })
  const actions = plan(names)
  expect(actions.map((action) => `${action.kind} ${action.unit.charAt(0)}`).join(', ')).toBe(
    'write a, write b, write c, link a, link b, link c, start a, start b, start c',
  )
  expect(plan(names.toReversed())).toEqual(actions)
})

it('leaves held units alone', () => {
  const loaded = new Map([[unit, there({ launch, state: running })]])
  expect(planActions({ wanted: new Map(), loaded, held: new Set([unit]), bootId: 'boot' })).toEqual([])
})

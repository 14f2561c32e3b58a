import { describe, expect, it } from 'vitest'
import { machineId, SampleCluster } from '../../test/fixtures/sample-cluster.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import { currentStateOf, targetOf, toMachineRows, toUnitFileRow, toUnitFileRows, toUnitRows } from './rows.ts'

const x = parseUnitName('x.service')

describe('toMachineRows', () => {
  it('lists machines that are present, by id', () => {
    const { view } = new SampleCluster()
      .machine('b', { metadata: { disk: 'ssd' } })
      .machine('a')
      .machine('c')
      .lose('c')
    expect(toMachineRows(view)).toEqual([
      { id: machineId('a'), ip: '10.0.0.a', metadata: {} },
      { id: machineId('b'), ip: '10.0.0.b', metadata: { disk: 'ssd' } },
    ])
  })
})

describe('toUnitRows', () => {
  it('lists what machines report, by unit and machine', () => {
    const { view } = new SampleCluster()
      .machine('b')
      .machine('a')
      .unit('y')
      .unit('g', { asks: ['Global=1'] })
      .settle()
    const rows = toUnitRows(view).map(({ unit, machine, ip, active }) => `${unit} ${machine.charAt(0)} ${ip} ${active}`)
    expect(rows).toEqual(['g.service a 10.0.0.a active', 'g.service b 10.0.0.b active', 'y.service a 10.0.0.a active'])
  })
})

describe('toUnitFileRows', () => {
  it('lists units as they are asked for, by name', () => {
    const { view } = new SampleCluster()
      .machine('a')
      .unit('y', { asks: ['MachineMetadata=disk=ssd'] })
      .unit('x')
      .unit('g', { asks: ['Global=1'] })
      .settle()
    const rows = toUnitFileRows(view)
    expect(
      rows.map(({ unit, isGlobal, desired, current, target }) => [unit, isGlobal, desired, current, target]),
    ).toEqual([
      ['g.service', true, 'launched', undefined, undefined],
      ['x.service', false, 'launched', 'launched', machineId('a')],
      ['y.service', false, 'launched', 'inactive', undefined],
    ])
    expect(rows[2]?.waiting).toBe('1 machine lacks disk=ssd')
    expect(rows[1]?.targetIp).toBe('10.0.0.a')
  })

  it('gives the first description of the unit file, as fleet does', () => {
    const { view } = new SampleCluster().unit('x')
    view.apply(
      [
        { kind: 'file', hash: 'b'.repeat(40) as never, text: '[Unit]\nDescription=My unit\nDescription=Other\n' },
        {
          kind: 'unit',
          unit: x,
          record: {
            value: { hash: 'b'.repeat(40) as never, desired: 'inactive', generation: 0 },
            createRevision: 1n,
            modRevision: 1n,
          },
        },
      ],
      9n,
    )
    expect(toUnitFileRow(view, x)?.description).toBe('My unit')
    expect(toUnitFileRow(view, parseUnitName('z.service'))).toBeUndefined()
  })
})

describe('currentStateOf', () => {
  it.each([
    { title: 'inactive when it is nowhere', cluster: () => new SampleCluster().unit('x'), state: 'inactive' },
    {
      title: 'inactive when it is placed and not reported',
      cluster: () => {
        const sample = new SampleCluster().machine('a').unit('x')
        sample.step()
        return sample
      },
      state: 'inactive',
    },
    {
      title: 'launched when its machine started it',
      cluster: () => new SampleCluster().machine('a').unit('x').settle(),
      state: 'launched',
    },
    {
      title: 'loaded when only loading was asked for',
      cluster: () => new SampleCluster().machine('a').unit('x', { desired: 'loaded' }).settle(),
      state: 'loaded',
    },
    {
      title: 'loaded while a new start is not carried out yet',
      cluster: () => {
        const sample = new SampleCluster().machine('a').unit('x').settle().unit('x', { generation: 2 })
        sample.step()
        return sample
      },
      state: 'loaded',
    },
    {
      title: 'loaded while its machine does not know of the new start that is wanted',
      cluster: () => new SampleCluster().machine('a').unit('x').settle().unit('x', { generation: 2 }),
      state: 'loaded',
    },
    {
      title: 'nothing of a global unit',
      cluster: () => new SampleCluster().unit('x', { asks: ['Global=1'] }),
      state: undefined,
    },
    { title: 'nothing of a unit that is not there', cluster: () => new SampleCluster(), state: undefined },
  ])('is $title', ({ cluster, state }) => {
    expect(currentStateOf(cluster().view, x)).toBe(state)
  })
})

describe('targetOf', () => {
  it('is the new place while a unit moves, and none while it only leaves', () => {
    const sample = new SampleCluster().machine('a').machine('b').unit('x').settle().lose('a')
    sample.step()
    expect(targetOf(sample.view, x)).toBe(machineId('b'))
    sample.lose('b')
    sample.step()
    expect(targetOf(sample.view, x)).toBeUndefined()
  })
})

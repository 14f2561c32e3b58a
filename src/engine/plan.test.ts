import { describe, expect, it } from 'vitest'
import { nothingDirty } from '../cluster/dirty.ts'
import { SampleCluster } from '../../test/fixtures/sample-cluster.ts'

const cluster = (...machines: readonly string[]): SampleCluster => {
  const sample = new SampleCluster()
  for (const name of machines) sample.machine(name)
  return sample
}

const nano = { asks: ['Conflicts=nano@*.service'] }

describe('plan places', () => {
  it('each unit on the machine with the fewest units, the lowest id among equals', () => {
    const sample = cluster('b', 'a', 'c').unit('x1').unit('x2').unit('x3').unit('x4')
    expect(sample.step()).toEqual([
      'x1 -> a (fewest units)',
      'x2 -> b (fewest units)',
      'x3 -> c (fewest units)',
      'x4 -> a (fewest units)',
    ])
  })

  it('conflicting instances on different machines, and leaves the rest waiting with a reason', () => {
    const sample = cluster('a', 'b').unit('nano@1', nano).unit('nano@2', nano).unit('nano@3', nano)
    expect(sample.step()).toEqual([
      'nano@1 -> a (fewest units)',
      'nano@2 -> b (fewest units)',
      'nano@3 waits (2 machines conflict)',
    ])
    expect(sample.view.waiting.get('nano@3.service' as never)?.value.rejections).toEqual([
      { machine: 'a'.repeat(32), filter: 'conflicts', reason: 'conflicts with nano@1.service' },
      { machine: 'b'.repeat(32), filter: 'conflicts', reason: 'conflicts with nano@2.service' },
    ])
  })

  it('a waiting unit as soon as there is room', () => {
    const sample = cluster('a').unit('nano@1', nano).unit('nano@2', nano).settle()
    expect(sample.machine('b').step()).toEqual(['nano@2 -> b (fewest units)', 'nano@2 waits no more (has a place)'])
  })

  it('beside a one-sided conflict from neither side', () => {
    const sample = cluster('a', 'b')
      .unit('old', { asks: ['Conflicts=new.service'] })
      .settle()
    expect(sample.unit('new').step()).toEqual(['new -> b (fewest units)'])
  })

  it('nothing where an unscheduled copy still stops', () => {
    const sample = cluster('a').unit('nano@1', nano).settle().destroy('nano@1').unit('nano@2', nano)
    expect(sample.step()).toEqual(['nano@1 off a (destroyed)', 'nano@2 waits (1 machine conflicts)'])
    expect(sample.report('a', 'nano@1', 'inactive').step()).toEqual([
      'nano@2 -> a (fewest units)',
      'nano@2 waits no more (has a place)',
    ])
  })

  it('where the metadata asks for', () => {
    const sample = new SampleCluster().machine('a').machine('b', { metadata: { disk: 'ssd' } })
    const asks = ['MachineMetadata=disk=ssd', 'MachineMetadata=disk=nvme']
    expect(sample.unit('db', { asks }).step()).toEqual(['db -> b (fewest units)'])
    const other = sample.unit('db2', { asks: [...asks, 'MachineMetadata=zone=x'] })
    expect(other.step()).toEqual(['db2 waits (1 machine lacks disk=ssd or disk=nvme and zone=x; 1 lacks zone=x)'])
  })

  it.each([{ id: 'b'.repeat(32) }, { id: 'bbbbbbbb' }])('on the machine with the id $id', ({ id }) => {
    const sample = cluster('a', 'b').unit('x', { asks: [`MachineID=${id}`] })
    expect(sample.step()).toEqual(['x -> b (pinned to this machine)'])
  })

  it('a follower after its peer, whatever their names', () => {
    const sample = cluster('a', 'b')
      .unit('a-log', { asks: ['MachineOf=z-app.service'] })
      .unit('b')
      .unit('z-app')
    expect(sample.step()).toEqual(['a-log -> a (follows z-app)', 'b -> b (fewest units)', 'z-app -> a (fewest units)'])
  })

  it('no follower of a unit that is nowhere, nor two that follow each other', () => {
    const sample = cluster('a')
      .unit('x', { asks: ['MachineOf=y.service'] })
      .unit('y', { asks: ['MachineOf=x.service'] })
    expect(sample.step()).toEqual(['x waits (1 machine does not run y)', 'y waits (1 machine does not run x)'])
  })

  it('nothing on a machine that is not ready, nor without any machine', () => {
    expect(new SampleCluster().unit('x').step()).toEqual(['x waits (there is no machine)'])
    const sample = new SampleCluster().machine('a', { isReady: false }).unit('x')
    expect(sample.step()).toEqual(['x waits (1 machine is not ready yet)'])
    expect(sample.machine('a').step()).toEqual(['x -> a (fewest units)', 'x waits no more (has a place)'])
  })

  it('no template and nothing that is only submitted', () => {
    expect(cluster('a').unit('x@').unit('y', { desired: 'inactive' }).step()).toEqual([])
  })

  it('a global unit on every machine that may have it', () => {
    const sample = new SampleCluster()
      .machine('a')
      .machine('b', { metadata: { disk: 'ssd' } })
      .unit('g', {
        asks: ['Global=true', 'MachineMetadata=disk=ssd'],
      })
    expect(sample.step()).toEqual(['g -> b (global unit)'])
    expect(sample.machine('c', { metadata: { disk: 'ssd' } }).step()).toEqual(['g -> c (global unit)'])
  })

  it('the second of two global units that exclude each other nowhere', () => {
    const sample = cluster('a', 'b')
      .unit('g1', { asks: ['Global=true', 'Conflicts=g*'] })
      .settle()
    expect(sample.unit('g2', { asks: ['Global=true'] }).step()).toEqual(['g2 waits (2 machines conflict)'])
  })

  it('a unit that replaces another in its place, and the other elsewhere', () => {
    const sample = cluster('a', 'b').unit('old').unit('p1').unit('p2').settle().destroy('p2').settle()
    const lines = sample.unit('new', { asks: ['Replaces=old.service'] }).step()
    expect(lines).toContain('new -> a (fewest units)')
    expect(lines).toContain('old off a (replaced by new)')
    sample.settle()
    expect([...sample.view.placesOf('old.service' as never).keys()]).toEqual(['b'.repeat(32)])
  })

  it('two units that replace each other on two machines, and rests', () => {
    const sample = cluster('a', 'b')
      .unit('x', { asks: ['Replaces=y.service'] })
      .unit('y', { asks: ['Replaces=x.service'] })
    sample.settle()
    expect(sample.view.placesOf('x.service' as never).size + sample.view.placesOf('y.service' as never).size).toBe(2)
    expect(sample.plan('everything')).toEqual([])
  })
})

describe('plan keeps', () => {
  it('every unit where it is while it may be there', () => {
    const sample = cluster('a').unit('x1').unit('x2').unit('x3').settle()
    expect(sample.machine('b').step()).toEqual([])
    expect(sample.plan('everything')).toEqual([])
  })

  it('the place of a unit whose content, desired state or generation changes', () => {
    const sample = cluster('a', 'b').unit('x').settle()
    expect(sample.unit('x', { generation: 2 }).step()).toEqual(['x on a becomes launched 2'])
    expect(sample.unit('x', { generation: 2, desired: 'loaded' }).step()).toEqual(['x on a becomes loaded 2'])
    expect(sample.unit('x', { asks: ['MachineMetadata=a=b=c'] }).step()).toEqual(['x on a becomes launched 1'])
  })

  it('the units of a machine that is away but not judged lost', () => {
    const sample = cluster('a', 'b').unit('x').settle().lose('a', false)
    expect(sample.step()).toEqual([])
    expect(sample.unit('y').step()).toEqual(['y -> b (fewest units)'])
  })

  it('the older of two units that come to exclude each other', () => {
    const sample = cluster('a').unit('x2').settle().unit('x1').settle().machine('b').settle()
    expect(sample.unit('x2', { asks: ['Conflicts=x1.service'] }).step()).toEqual([
      'x1 off a (conflicts with x2)',
      'x1 waits (1 machine conflicts; 1 waits until the copy on a has stopped)',
      'x2 on a becomes launched 1',
    ])
  })
})

describe('plan releases', () => {
  it.each([
    {
      title: 'a unit that is only submitted again',
      change: (s: SampleCluster) => s.unit('x', { desired: 'inactive' }),
      line: 'x off a (not wanted any more)',
    },
    { title: 'a unit that was destroyed', change: (s: SampleCluster) => s.destroy('x'), line: 'x off a (destroyed)' },
  ])('$title', ({ change, line }) => {
    expect(change(cluster('a').unit('x').settle()).step()).toEqual([line])
  })

  it('a unit and its follower when the machine no longer has what the first asks for', () => {
    const sample = new SampleCluster()
      .machine('a', { metadata: { disk: 'ssd' } })
      .machine('b', { metadata: { disk: 'ssd' } })
    sample
      .unit('db', { asks: ['MachineMetadata=disk=ssd'] })
      .unit('log', { asks: ['MachineOf=db.service'] })
      .settle()
    expect(sample.machine('a').step()).toEqual([
      'db off a (machine a lacks disk=ssd)',
      'db waits (1 machine lacks disk=ssd; 1 waits until the copy on a has stopped)',
      'log off a (machine a does not run db)',
      'log waits (2 machines do not run db)',
    ])
    sample.settle()
    expect(sample.view.scheduleOf('b'.repeat(32) as never).size).toBe(2)
  })
})

describe('plan after a loss', () => {
  it('moves the units of the lost machine, and lets the old place go once the new one is active', () => {
    const sample = cluster('a', 'b', 'c').unit('x1').unit('x2').unit('x3').settle().lose('b')
    expect(sample.step()).toEqual(['x2 leaves b (machine b went away)', 'x2 -> a (machine b went away)'])
    expect(sample.step()).toEqual([])
    expect(sample.report('a', 'x2', 'activating').step()).toEqual([])
    expect(sample.report('a', 'x2', 'active').step()).toEqual(['x2 off b (runs on a now)'])
  })

  it('keeps the old copy when the new one never becomes active', () => {
    const sample = cluster('a', 'b').unit('x').settle().lose('a')
    sample.step()
    sample.report('b', 'x', 'failed').machine('a').step()
    expect(sample.plan('everything')).toEqual([])
    expect(sample.view.placesOf('x.service' as never).get('a'.repeat(32) as never)?.value.phase).toBe('leaving')
  })

  it('lets a unit that fits nowhere wait, and gives it back to its machine when that returns', () => {
    const sample = cluster('a', 'b').unit('nano@1', nano).unit('nano@2', nano).settle().lose('b')
    expect(sample.step()).toEqual([
      'nano@2 leaves b (machine b went away)',
      'nano@2 waits (1 machine conflicts; 1 is away)',
    ])
    expect(sample.machine('b', { isReady: false }).step()).toEqual([
      'nano@2 waits (1 machine conflicts; 1 is not ready yet)',
    ])
    expect(sample.machine('b').step()).toEqual([
      'nano@2 -> b (machine b came back)',
      'nano@2 waits no more (has a place)',
    ])
  })

  it('moves a follower with its peer', () => {
    const sample = cluster('a', 'b')
      .unit('app')
      .unit('log', { asks: ['MachineOf=app.service'] })
      .settle()
      .lose('a')
    const lines = sample.step()
    expect(lines).toContain('app -> b (machine a went away)')
    expect(lines).toContain('log -> b (machine a went away)')
  })

  it('leaves the places of global units as they are', () => {
    const sample = cluster('a', 'b')
      .unit('g', { asks: ['Global=true'] })
      .settle()
      .lose('a')
    expect(sample.step()).toEqual([])
  })

  it('drops all places of a unit that nobody wants any more, on lost machines too', () => {
    const sample = cluster('a', 'b').unit('x').settle().lose('a')
    sample.step()
    expect(sample.destroy('x').step()).toEqual(['x off a (destroyed)', 'x off b (destroyed)'])
  })
})

describe('plan as a whole', () => {
  it('does nothing when nothing is dirty', () => {
    expect(cluster('a').unit('x').plan(nothingDirty)).toEqual([])
  })

  it('lets a unit whose file has not arrived wait for it', () => {
    const sample = cluster('a').apply({
      kind: 'unit',
      unit: 'x.service' as never,
      record: {
        value: { hash: 'f'.repeat(40) as never, desired: 'launched', generation: 1 },
        createRevision: 1n,
        modRevision: 1n,
      },
    })
    expect(sample.step()).toEqual(['x waits (its unit file is not there yet)'])
  })
})

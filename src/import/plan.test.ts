import { describe, expect, it } from 'vitest'
import { hashUnitText } from '../unit/hash.ts'
import type { ClusterNow, ClusterUnit } from './cluster-now.ts'
import type { FleetJob, FleetKeyspace } from './fleet-keyspace.ts'
import { countWrites, planImport } from './plan.ts'

const sleep = '[Service]\nExecStart=/bin/sleep 1\n'
const machine = '43d53688e50a258033221963e58799d3'

interface Kept {
  readonly text?: string
  readonly desired?: string
}

function fleetOf(units: Readonly<Record<string, Kept>>, more: Partial<FleetKeyspace> = {}): FleetKeyspace {
  const texts = new Map<string, string>()
  const jobs = Object.entries(units).map(([name, { text = sleep, desired = 'launched' }]): FleetJob => {
    const hash = hashUnitText(text)
    texts.set(hash, text)
    return { name, hash, desired, target: undefined }
  })
  return { jobs, texts, machines: [], metadata: [], unknown: [], ...more }
}

function clusterOf(units: Readonly<Record<string, ClusterUnit>> = {}, metadata = {}): ClusterNow {
  return { units: new Map(Object.entries(units)), machines: new Map([[machine, metadata]]) }
}

const plan = (fleet: FleetKeyspace, now = clusterOf(), isInactive = false) => planImport(fleet, now, { isInactive })
const one = (kept: Kept, now = clusterOf(), name = 'a.service') => plan(fleetOf({ [name]: kept }), now).units[0]
const unit = (desired: ClusterUnit['desired'], text = sleep): ClusterUnit => ({ hash: hashUnitText(text), desired })
const wants = (requirement: string) => `${sleep}\n[X-Fleet]\n${requirement}\n`

describe('planImport', () => {
  it('creates what the cluster does not have, templates first', () => {
    const fleet = fleetOf({
      'b@1.service': {},
      'a.service': { desired: 'loaded' },
      'b@.service': { desired: 'inactive' },
    })
    const { units } = plan(fleet)
    expect(units.map(({ name, action, desired }) => [name, action, desired])).toEqual([
      ['b@.service', 'create', 'inactive'],
      ['a.service', 'create', 'loaded'],
      ['b@1.service', 'create', 'launched'],
    ])
    expect(units[1]?.options).toEqual([{ section: 'Service', name: 'ExecStart', value: '/bin/sleep 1' }])
  })

  it('has nothing to do once it was done', () => {
    const fleet = fleetOf({ 'a.service': {}, 't@.service': { desired: 'launched' }, 'b.service': { desired: 'foo' } })
    const { units } = plan(fleet)
    const after = Object.fromEntries(units.map(({ name, hash, desired }) => [name, { hash, desired }]))
    const again = plan(fleet, clusterOf(after))
    expect(countWrites(again)).toBe(0)
    expect(new Set(again.units.map(({ action }) => action))).toEqual(new Set(['keep']))
  })

  it('goes on where it was interrupted', () => {
    const fleet = fleetOf({ 'a.service': {}, 'b.service': {}, 'c.service': {} })
    const { units } = plan(fleet, clusterOf({ 'a.service': unit('launched') }))
    expect(units.map(({ action }) => action)).toEqual(['keep', 'create', 'create'])
  })

  it.each<readonly [ClusterUnit['desired'], string, string]>([
    ['inactive', 'launched', 'set-state'],
    ['loaded', 'launched', 'set-state'],
    ['inactive', 'loaded', 'set-state'],
    ['launched', 'launched', 'keep'],
    ['launched', 'inactive', 'keep'],
    ['loaded', 'inactive', 'keep'],
  ])('of a unit that is %s here and %s in fleet: %s', (here, desired, action) => {
    expect(one({ desired }, clusterOf({ 'a.service': unit(here) }))).toMatchObject({ action })
  })

  it('leaves a unit alone that has other content here', () => {
    expect(one({}, clusterOf({ 'a.service': unit('launched', '[Service]\nExecStart=/bin/true\n') }))).toMatchObject({
      action: 'skip',
      reason: 'the cluster has it with other content (86943ac)',
    })
  })

  it('starts nothing when told so, and stops nothing either', () => {
    const fleet = fleetOf({ 'a.service': {}, 'b.service': { desired: 'loaded' } })
    const { units } = plan(fleet, clusterOf({ 'b.service': unit('launched') }), true)
    expect(units.map(({ action, desired }) => [action, desired])).toEqual([
      ['create', 'inactive'],
      ['keep', 'inactive'],
    ])
  })

  it.each([
    ['a b.service', {}, "invalid character ' ' in unit name"],
    ['a.service', { text: '[Service]\nExecStart\n' }, 'unexpected newline encountered while parsing option name'],
    ['a.service', { text: '# nothing\n' }, 'its text has no options'],
    ['a.service', { text: wants('Global=true\nReplaces=b') }, 'Global cannot be used with Replaces'],
  ])('skips %s with %j: %s', (name, kept, reason) => {
    expect(one(kept, clusterOf(), name)).toMatchObject({ name, action: 'skip', reason })
  })

  it('skips a unit whose object or text is not there', () => {
    const fleet = fleetOf({ 'a.service': {}, 'b.service': {} })
    const hash = hashUnitText(sleep)
    const jobs = fleet.jobs.map((job) => (job.name === 'a.service' ? { ...job, hash: undefined } : job))
    const { units } = plan({ ...fleet, jobs, texts: new Map() })
    expect(units.map(({ reason }) => reason)).toEqual([
      'fleet has no readable object of it',
      `fleet has no text of hash ${hash}`,
    ])
  })

  it.each([
    [{ desired: 'foo' }, 'a.service', "fleet wanted it 'foo', which is no state"],
    [{}, 't@.service', 'fleet wanted it launched, which a template cannot be'],
    [{ text: '[Unit]\nA= c \n' }, 'a.service', 'its text is written in canonical form, so its hash is no longer 51c2'],
    [{ text: wants('Conflict=b') }, 'a.service', "[X-Fleet] has 'Conflict', which means nothing"],
    [{ text: wants('MachineID=abcdef01') }, 'a.service', 'the cluster has no machine abcdef01'],
    [
      { text: wants('MachineMetadata=disk=ssd\nMachineMetadata=disk=nvme') },
      'a.service',
      'no machine of the cluster has disk=ssd or nvme',
    ],
    [{ text: wants('MachineOf=b.service') }, 'a.service', 'there is no unit b.service for it to be with'],
  ])('says of %j, %s: %s', (kept, name, note) => {
    const step = one(kept, clusterOf(), name)
    expect(step?.action).toBe('create')
    expect(step?.notes).toEqual([expect.stringContaining(note)])
  })

  it('says nothing of requirements that the cluster can meet', () => {
    const texts = [
      wants(`MachineID=${machine}`),
      wants('MachineID=43d53688'),
      wants('MachineMetadata=disk=ssd\nMachineMetadata=disk=nvme'),
      wants('MachineOf=a.service'),
    ]
    for (const text of texts) expect(one({ text }, clusterOf({}, { disk: 'nvme' }))?.notes).toEqual([])
  })

  it('sets dynamic metadata on the machines that are here', () => {
    const metadata = [
      { machine, key: 'disk', value: 'ssd' },
      { machine, key: 'region', value: 'eu' },
      { machine, key: 'old', value: '' },
      { machine, key: 'gone', value: '' },
      { machine, key: 'a b', value: 'x' },
      { machine: 'f'.repeat(32), key: 'disk', value: 'ssd' },
    ]
    const steps = plan(fleetOf({}, { metadata }), clusterOf({}, { region: 'eu', old: '1' })).metadata
    expect(steps.map(({ key, action, reason }) => [key, action, reason])).toEqual([
      ['disk', 'set', undefined],
      ['region', 'keep', 'it is so already'],
      ['old', 'remove', undefined],
      ['gone', 'keep', 'it is so already'],
      ['a b', 'skip', 'the API takes no such key'],
      ['disk', 'skip', 'the cluster has no machine of this id'],
    ])
  })

  it('counts the texts that nobody refers to, and says which machines are here', () => {
    const fleet = fleetOf({ 'a.service': {} })
    const texts = new Map([...fleet.texts, ['00', 'x']])
    const seen = { id: machine, ip: '10.0.0.1', metadata: {}, version: '1.0.0' }
    const { unusedTexts, machines } = plan({ ...fleet, texts, machines: [seen, { ...seen, id: 'x' }] })
    expect([unusedTexts, machines.map(({ isHere }) => isHere)]).toEqual([1, [true, false]])
  })
})

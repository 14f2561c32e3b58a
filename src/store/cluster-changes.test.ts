import { describe, expect, test } from 'vitest'
import { parseMachineId } from '../machine/machine.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import { toClusterChange, toClusterChanges } from './cluster-changes.ts'
import { codecs } from './codec.ts'
import { keys } from './keys.ts'
import type { Entry } from './store.ts'

const machine = parseMachineId('b'.repeat(32))
const unit = 'web@1.service' as UnitName
const hash = 'f'.repeat(40) as UnitHash

const entry = (key: string, value: string): Entry => ({ key, value, createRevision: 3n, modRevision: 5n, lease: 0n })
const versioned = <T>(value: T) => ({ value, createRevision: 3n, modRevision: 5n })
const noBad = (key: string, error: unknown) => {
  throw new Error(`unexpected bad value ${key}`, { cause: error })
}

const unitRecord = { hash, desired: 'launched', generation: 1 } as const
const schedule = { hash, desired: 'launched', generation: 1, phase: 'placed', reason: 'only one' } as const
const waiting = { reason: 'no machine', rejections: [] }
const record = { nonce: 'n', firstSeen: 'f', publicIp: '1', metadata: {}, version: '1' }
const presence = { bootId: 'b', isReady: true, nonce: 'n' }
const state = { load: 'loaded', active: 'active', sub: 'running', hash, generation: 1, since: 's' }
const route = { units: ['*'], port: 80, scheme: 'http' } as const
const balancer = { revision: '1', address: 'a', routes: {} }

const rows = [
  [keys.unit(unit), codecs.unit.encode(unitRecord), { kind: 'unit', unit }, unitRecord],
  [keys.schedule(machine, unit), codecs.schedule.encode(schedule), { kind: 'schedule', machine, unit }, schedule],
  [keys.waiting(unit), codecs.waiting.encode(waiting), { kind: 'waiting', unit }, waiting],
  [keys.machineRecord(machine), codecs.record.encode(record), { kind: 'record', machine }, record],
  [keys.machinePresence(machine), codecs.presence.encode(presence), { kind: 'presence', machine }, presence],
  [
    keys.machineMetadata(machine),
    codecs.metadata.encode({ metadata: {} }),
    { kind: 'metadata', machine },
    { metadata: {} },
  ],
  [keys.state(machine, unit), codecs.state.encode(state), { kind: 'state', machine, unit }, state],
  [keys.leader, codecs.leader.encode({ machine, version: '1' }), { kind: 'leader' }, { machine, version: '1' }],
  [keys.route('web'), codecs.route.encode(route), { kind: 'route', name: 'web' }, route],
  [keys.balancer(machine), codecs.balancer.encode(balancer), { kind: 'balancer', machine }, balancer],
] as const

describe('toClusterChange', () => {
  test.each(rows)('decodes a put of %s', (...[key, value, words, expected]) => {
    const change = toClusterChange({ kind: 'put', entry: entry(key, value) }, noBad)
    expect(change).toEqual({ ...words, record: versioned(expected) })
  })

  test.each(rows)('says that %s is gone', (key, _value, words) => {
    const change = toClusterChange({ kind: 'delete', key, modRevision: 9n }, noBad)
    expect(change).toEqual({ ...words, record: undefined })
  })

  test('takes a unit file as its own text', () => {
    const key = keys.file(hash)
    expect(toClusterChange({ kind: 'put', entry: entry(key, '[Unit]\n') }, noBad)).toEqual({
      kind: 'file',
      hash,
      text: '[Unit]\n',
    })
    expect(toClusterChange({ kind: 'delete', key, modRevision: 9n }, noBad)).toEqual({
      kind: 'file',
      hash,
      text: undefined,
    })
  })

  test.each(['/other', '/flota/v1/later/x', `/flota/v1/machines/${machine}/later`])(
    'leaves %s, which this version does not know, alone',
    (key) => {
      expect(toClusterChange({ kind: 'put', entry: entry(key, 'x') }, noBad)).toBeUndefined()
    },
  )

  test('gives a bad value to onBad and goes on with the rest', () => {
    const bad: string[] = []
    const changes = toClusterChanges(
      [
        entry(keys.route('broken'), '{'),
        entry(keys.route('later'), '{"v":99}'),
        entry(keys.route('web'), codecs.route.encode(route)),
      ],
      (key, error) => bad.push(`${key} ${(error as Error).message}`),
    )
    expect(changes).toEqual([{ kind: 'route', name: 'web', record: versioned(route) }])
    expect(bad).toEqual([
      `${keys.route('broken')} Cannot read value '${keys.route('broken')}': it is not JSON`,
      `${keys.route('later')} Cannot read value '${keys.route('later')}': its version 99 is newer than 1`,
    ])
  })

  test('a key that is gone needs no value to be read', () => {
    const change = toClusterChange({ kind: 'delete', key: keys.leader, modRevision: 1n }, noBad)
    expect(change).toEqual({ kind: 'leader', record: undefined })
  })
})

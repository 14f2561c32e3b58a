import { describe, expect, expectTypeOf, test } from 'vitest'
import type {
  BalancerRecord,
  DynamicMetadataRecord,
  LeaderRecord,
  MachineRecord,
  PresenceRecord,
  RouteRecord,
  ScheduleRecord,
  StateRecord,
  UnitRecord,
  WaitingRecord,
} from '../cluster/records.ts'
import { parseMachineId } from '../machine/machine.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import { codecs } from './codec.ts'

const machine = parseMachineId('a'.repeat(32))
const hash = '0123456789abcdef0123456789abcdef01234567' as UnitHash
const unit = 'web@1.service' as UnitName
const endpoint = { unit, machine, address: '10.0.0.2', port: 8443 }

const records = {
  unit: { hash, desired: 'launched', generation: 3 },
  schedule: { hash, desired: 'loaded', generation: 0, phase: 'draining', reason: 'fewest units' },
  waiting: { reason: 'no machine', rejections: [{ machine, filter: 'metadata', reason: 'lacks disk=ssd' }] },
  record: { nonce: 'n', firstSeen: '2026-01-01T00:00:00Z', publicIp: '', metadata: { disk: 'ssd' }, version: '0.1.0' },
  presence: { bootId: 'b', isReady: false, nonce: 'n' },
  metadata: { metadata: { disk: '' } },
  state: { load: 'loaded', active: 'active', sub: 'running', hash, generation: 1, since: '2026-01-01T00:00:00Z' },
  leader: { machine, version: '0.1.0' },
  route: { units: ['web@*.service'], port: 8443, scheme: 'https' },
  balancer: {
    revision: '12',
    address: '10.0.0.9',
    routes: { web: { healthy: [endpoint], unhealthy: [], error: 'x' } },
  },
} as const

const kinds = Object.keys(records) as (keyof typeof records)[]

/** Any codec, seen by its text alone. */
const decoder = (kind: keyof typeof codecs): ((text: string, key?: string) => unknown) => codecs[kind].decode
const encoder = (kind: keyof typeof codecs) => codecs[kind].encode as (record: unknown) => string

describe('codecs', () => {
  test.each(kinds)('%s reads what it wrote', (kind) => {
    const text = encoder(kind)(records[kind])
    expect(JSON.parse(text)).toMatchObject({ v: 1 })
    expect(decoder(kind)(text)).toEqual(records[kind])
  })

  test.each(kinds)('%s keeps a field it does not know', (kind) => {
    const text = JSON.stringify({ v: 1, ...records[kind], laterField: 7 })
    expect(decoder(kind)(text)).toMatchObject({ ...records[kind], laterField: 7 })
  })

  test.each(kinds)('%s refuses a newer version, naming key and version', (kind) => {
    const text = JSON.stringify({ ...records[kind], v: 2 })
    expect(() => decoder(kind)(text, '/flota/v1/x')).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: "Cannot read value '/flota/v1/x': its version 2 is newer than 1",
      }),
    )
  })

  test.each([
    ['no JSON', '{', 'it is not JSON'],
    ['no object', '7', 'it has no version'],
    ['null', 'null', 'it has no version'],
    ['no version', '{"hash":"x"}', 'it has no version'],
    ['a version that is no number', '{"v":"1"}', 'its version is no number'],
    ['a missing field', '{"v":1}', 'it must have required properties hash, desired, generation'],
    [
      'a field of another type',
      JSON.stringify({ v: 1, ...records.unit, generation: '3' }),
      '/generation must be integer',
    ],
  ])('decode refuses %s, naming the key', (_, text, reason) => {
    expect(() => codecs.unit.decode(text, '/flota/v1/units/x')).toThrow(
      expect.objectContaining({ code: 'internal', message: `Cannot read value '/flota/v1/units/x': ${reason}` }),
    )
  })

  test('schema types equal record types', () => {
    expectTypeOf(codecs.unit.decode).returns.toEqualTypeOf<UnitRecord>()
    expectTypeOf(codecs.schedule.decode).returns.toEqualTypeOf<ScheduleRecord>()
    expectTypeOf(codecs.waiting.decode).returns.toEqualTypeOf<WaitingRecord>()
    expectTypeOf(codecs.record.decode).returns.toEqualTypeOf<MachineRecord>()
    expectTypeOf(codecs.presence.decode).returns.toEqualTypeOf<PresenceRecord>()
    expectTypeOf(codecs.metadata.decode).returns.toEqualTypeOf<DynamicMetadataRecord>()
    expectTypeOf(codecs.state.decode).returns.toEqualTypeOf<StateRecord>()
    expectTypeOf(codecs.leader.decode).returns.toEqualTypeOf<LeaderRecord>()
    expectTypeOf(codecs.route.decode).returns.toEqualTypeOf<RouteRecord>()
    expectTypeOf(codecs.balancer.decode).returns.toEqualTypeOf<BalancerRecord>()
  })
})

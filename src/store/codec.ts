import { Type, type Static, type TProperties } from 'typebox'
import { Compile } from 'typebox/compile'
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
import { FlotaError } from '../lib/errors.ts'
import type { MachineId } from '../machine/machine.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'

/** The newest form of a value that this version reads, and the one it writes. */
const version = 1

/** One kind of record as versioned JSON text. Unit files (`files/<hash>`) have none: they are kept as their own text. */
export interface Codec<T> {
  readonly encode: (record: T) => string
  /**
   * Fields that this version does not know stay in the record unread, so that whoever writes it back keeps them.
   * Throws `unsupported` for a newer version and `internal` for what is no such record, both naming `key`.
   */
  readonly decode: (text: string, key?: string) => T
}

const unitName = Type.Unsafe<UnitName>(Type.String({ minLength: 1 }))
const unitHash = Type.Unsafe<UnitHash>(Type.String({ pattern: '^[0-9a-f]{40}$' }))
const machineId = Type.Unsafe<MachineId>(Type.String({ pattern: '^[0-9a-f]{32}$' }))
const metadata = Type.Record(Type.String(), Type.String())
const generation = Type.Integer({ minimum: 0 })
const endpoint = Type.Object({ unit: unitName, machine: machineId, address: Type.String(), port: Type.Integer() })
const routeStatus = Type.Object({
  healthy: Type.Array(endpoint),
  unhealthy: Type.Array(endpoint),
  error: Type.Optional(Type.String()),
})

/** Each codec's schema type equals its record type: `codec.test.ts` lets the compiler prove it. */
export const codecs = {
  unit: codecOf('unit', {
    hash: unitHash,
    desired: Type.Union([Type.Literal('inactive'), Type.Literal('loaded'), Type.Literal('launched')]),
    generation,
  }),
  schedule: codecOf('schedule', {
    hash: unitHash,
    desired: Type.Union([Type.Literal('loaded'), Type.Literal('launched')]),
    generation,
    phase: Type.Union([Type.Literal('placed'), Type.Literal('draining'), Type.Literal('leaving')]),
    reason: Type.String(),
  }),
  waiting: codecOf('waiting', {
    reason: Type.String(),
    rejections: Type.Array(Type.Object({ machine: machineId, filter: Type.String(), reason: Type.String() })),
  }),
  record: codecOf('record', {
    nonce: Type.String(),
    firstSeen: Type.String(),
    publicIp: Type.String(),
    metadata,
    version: Type.String(),
    leaseSeconds: Type.Optional(Type.Number({ minimum: 0 })),
    openApi: Type.Optional(Type.Array(Type.String())),
  }),
  presence: codecOf('presence', {
    bootId: Type.String(),
    isReady: Type.Boolean(),
    nonce: Type.String(),
    isUnmanaged: Type.Optional(Type.Boolean()),
  }),
  metadata: codecOf('metadata', { metadata }),
  state: codecOf('state', {
    load: Type.String(),
    active: Type.String(),
    sub: Type.String(),
    hash: unitHash,
    generation,
    since: Type.String(),
  }),
  leader: codecOf('leader', { machine: machineId, version: Type.String() }),
  route: codecOf('route', {
    units: Type.Array(Type.String(), { minItems: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    scheme: Type.Union([Type.Literal('http'), Type.Literal('https')]),
  }),
  balancer: codecOf('balancer', {
    revision: Type.String({ pattern: '^[0-9]+$' }),
    address: Type.String(),
    routes: Type.Record(Type.String(), routeStatus),
  }),
} satisfies {
  readonly unit: Codec<UnitRecord>
  readonly schedule: Codec<ScheduleRecord>
  readonly waiting: Codec<WaitingRecord>
  readonly record: Codec<MachineRecord>
  readonly presence: Codec<PresenceRecord>
  readonly metadata: Codec<DynamicMetadataRecord>
  readonly state: Codec<StateRecord>
  readonly leader: Codec<LeaderRecord>
  readonly route: Codec<RouteRecord>
  readonly balancer: Codec<BalancerRecord>
}

/** Schema types are mutable; records are not. */
type Immutable<T> = T extends string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Immutable<Item>[]
    : { readonly [Field in keyof T]: Immutable<T[Field]> }

function codecOf<P extends TProperties>(
  kind: string,
  properties: P,
): Codec<Immutable<Static<ReturnType<typeof Type.Object<P>>>>> {
  type Record = Immutable<Static<ReturnType<typeof Type.Object<P>>>>
  const validator = Compile(Type.Object(properties))
  return {
    encode: (record) => JSON.stringify({ v: version, ...(record as object) }),
    decode: (text, key = kind) => {
      const fields = readVersioned(text, key)
      if (!validator.Check(fields)) throw malformed(key, describe(validator.Errors(fields)))
      return fields as Record
    },
  }
}

/** The fields of a value of a known version, without the version itself. */
function readVersioned(text: string, key: string): object {
  const value = readJson(text, key)
  if (typeof value !== 'object' || value === null || !('v' in value)) throw malformed(key, 'it has no version')
  const { v, ...fields } = value
  if (typeof v !== 'number' || v < 1) throw malformed(key, 'its version is no number')
  if (v > version) {
    throw new FlotaError('unsupported', `Cannot read value '${key}': its version ${v} is newer than ${version}`, {
      hint: 'another machine runs a newer Flota; upgrade this one',
    })
  }
  return fields
}

function readJson(text: string, key: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw malformed(key, 'it is not JSON', cause)
  }
}

function describe(errors: readonly { readonly instancePath: string; readonly message: string }[]): string {
  const [first] = errors
  return first === undefined ? 'it has another form' : `${first.instancePath || 'it'} ${first.message}`
}

function malformed(key: string, reason: string, cause?: unknown): FlotaError {
  return new FlotaError('internal', `Cannot read value '${key}': ${reason}`, { cause })
}

import { FlotaError } from '../lib/errors.ts'
import { decodeFirstValue } from './go-json.ts'
import type { UnitBody } from './schemas.ts'

/** The body of a unit as fleet decodes it: names in any case, `null` for "not given", unknown members passed over, its own messages. */
export function decodeUnitBody(body: unknown): UnitBody {
  const prefix = 'unable to decode body: '
  try {
    return toUnitBody(decodeFirstValue(typeof body === 'string' ? body : ''))
  } catch (error) {
    if (error instanceof FlotaError) throw new FlotaError(error.code, prefix + error.message)
    throw error
  }
}

function toUnitBody(value: unknown): UnitBody {
  if (value === null) return {}
  const unit = membersOf(value)
  if (unit === undefined) throw cannot(value, 'Go value of type schema.Unit')
  for (const name of ['currentState', 'machineID']) toText(unit, name, `Unit.${name}`)
  return {
    ...optional('name', toText(unit, 'name', 'Unit.name')),
    ...optional('desiredState', toText(unit, 'desiredState', 'Unit.desiredState')),
    ...optional('options', toOptions(unit.get('options'))),
  }
}

function toOptions(value: unknown): UnitBody['options'] {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw cannot(value, 'Go struct field Unit.options of type []*schema.UnitOption')
  return value.map((item: unknown) => {
    const option = item === null ? new Map<string, unknown>() : membersOf(item)
    if (option === undefined) throw cannot(item, 'Go struct field Unit.options of type schema.UnitOption')
    const read = (name: string) => optional(name, toText(option, name, `UnitOption.options.${name}`))
    return { ...read('section'), ...read('name'), ...read('value') }
  })
}

function toText(members: ReadonlyMap<string, unknown>, name: string, field: string): string | undefined {
  const value = members.get(name.toLowerCase())
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw cannot(value, `Go struct field ${field} of type string`)
  return value
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value).map(([name, member]: [string, unknown]) => [name.toLowerCase(), member]))
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>)
}

function cannot(value: unknown, into: string): FlotaError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return new FlotaError('invalid_argument', `json: cannot unmarshal ${kind} into ${into}`)
}

import type { FastifyRequest } from 'fastify'
import { describeError, FlotaError } from '../lib/errors.ts'
import { decodeFirstValue } from './go-json.ts'

/** fleet's rule for bodies of units: exactly one Content-Type header, and it says JSON. The answer to give otherwise. */
export function contentTypeFault(request: FastifyRequest): string | undefined {
  const values = contentTypes(request)
  if (values.length !== 1) return `expected 1 Content-Type, got ${values.length}`
  const [type = ''] = (values[0] ?? '').split(';')
  return type.trim() === 'application/json' ? undefined : 'only acceptable Content-Type is application/json'
}

/** Node joins or drops repeated headers; the raw list has them all. */
function contentTypes(request: FastifyRequest): readonly string[] {
  const raw = request.raw.rawHeaders
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === 'content-type')
}

/** Turns the text that came in into the value that the route's schema checks. */
export function decodeBody(request: { body: unknown }): void {
  request.body = decodeJson(request.body, 'unable to decode body: ')
}

/** What came in, as a value: like Go's decoder, `null` means "not given". `prefix` starts the message, in fleet's words. */
export function decodeJson(text: unknown, prefix: string): unknown {
  try {
    return withoutNulls(decodeFirstValue(typeof text === 'string' ? text : ''))
  } catch (error) {
    throw new FlotaError('invalid_argument', `${prefix}${describeError(error)}`)
  }
}

function withoutNulls(value: unknown): unknown {
  if (value === null) return {}
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object') return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]))
}

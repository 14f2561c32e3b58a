import { FlotaError } from '../lib/errors.ts'
import type { MachineId } from '../machine/machine.ts'
import { parseMachineId } from '../machine/machine.ts'

export interface MetadataChange {
  readonly machine: MachineId
  readonly key: string
  /** Empty = removed. */
  readonly value: string
}

/** fleet's form of JSON Patch. All operations are checked before any is done; a value comes as a text or as `{"value": text}`. */
export function parseMetadataPatch(body: unknown): readonly MetadataChange[] {
  if (!Array.isArray(body)) throw invalid('a list of operations is expected')
  return body.map(toChange)
}

function toChange(item: unknown): MetadataChange {
  const { op, path, value } = membersOf(item)
  if (op !== 'add' && op !== 'remove' && op !== 'replace') throw invalid('invalid op: expect add, remove, or replace')
  const [, machine = '', key = ''] = /^\/([^/]+)\/metadata\/([A-Za-z0-9_.-]+)$/.exec(String(path)) ?? []
  if (key === '') throw invalid('machine metadata path invalid')
  const text = op === 'remove' ? '' : toText(value)
  if (op !== 'remove' && text === '') throw invalid('invalid value: add and replace require a value')
  return { machine: toMachine(machine), key, value: text }
}

function toMachine(text: string): MachineId {
  try {
    return parseMachineId(text)
  } catch {
    throw invalid('machine metadata path invalid')
  }
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value
  const inner = membersOf(value)['value']
  return typeof inner === 'string' ? inner : ''
}

/** Go's decoder takes a member's name in any case. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => [key.toLowerCase(), member]),
  )
}

function invalid(message: string): FlotaError {
  return new FlotaError('invalid_argument', message)
}

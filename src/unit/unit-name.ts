import { FlotaError } from '../lib/errors.ts'
import type { UnitName } from './unit.ts'

/** systemd's unit types (systemd.unit(5)). */
export const unitTypes = [
  'automount',
  'busname',
  'device',
  'mount',
  'path',
  'scope',
  'service',
  'slice',
  'snapshot',
  'socket',
  'swap',
  'target',
  'timer',
] as const

const templateTypes: readonly string[] = ['path', 'service', 'socket', 'target', 'timer']
const maxNameBytes = 256

export interface UnitNameParts {
  /** With its dot, such as `.service`. */
  readonly suffix: string
  /** Everything before the suffix. */
  readonly name: string
  /** Before the first `@`; the whole name where there is none. */
  readonly prefix: string
  /** Between the first `@` and the suffix; empty for a template, undefined where there is no `@`. */
  readonly instance: string | undefined
  /** The template of an instance or of the template itself. */
  readonly template: UnitName | undefined
}

/** Checks a name by fleet's rules; the messages are fleet's, because clients show and compare them. */
export function parseUnitName(text: string): UnitName {
  const fault = findFault(text)
  if (fault !== undefined) throw new FlotaError('invalid_argument', fault)
  return text as UnitName
}

function findFault(text: string): string | undefined {
  if (text === '') return 'unit name cannot be empty'
  if (Buffer.byteLength(text) > maxNameBytes) return `unit name exceeds maximum length (${maxNameBytes})`
  const dot = text.lastIndexOf('.')
  if (dot === -1) return 'unit name must contain "."'
  const type = text.slice(dot + 1)
  if (type === '') return 'unit name cannot end in "."'
  if (!isUnitType(type)) return `invalid unit type: "${type}"`
  const name = text.slice(0, dot)
  if (name.includes('@') && !templateTypes.includes(type)) return `invalid unit type for template: "${type}"`
  const stranger = Array.from(name).find((char) => !/^[0-9A-Za-z:\-_.\\@]$/.test(char))
  if (stranger !== undefined) return `invalid character '${stranger}' in unit name`
  return text.startsWith('@') ? 'unit name cannot start in "@"' : undefined
}

export function toUnitNameParts(unit: UnitName): UnitNameParts {
  const dot = unit.lastIndexOf('.')
  const name = unit.slice(0, dot)
  const suffix = unit.slice(dot)
  const at = name.indexOf('@')
  if (at === -1) return { suffix, name, prefix: name, instance: undefined, template: undefined }
  const prefix = name.slice(0, at)
  return { suffix, name, prefix, instance: name.slice(at + 1), template: `${prefix}@${suffix}` as UnitName }
}

/** A template can be stored, never started: its name ends in `@` before the suffix. */
export const isTemplate = (unit: UnitName): boolean => toUnitNameParts(unit).instance === ''

export const isInstance = (unit: UnitName): boolean => (toUnitNameParts(unit).instance ?? '') !== ''

/** What a user typed, made a unit name as fleetctl does: the last part of a path, `.service` where no type is given. */
export function mangleUnitName(text: string): UnitName {
  const base = text.replace(/\/+$/, '').split('/').at(-1) ?? ''
  const isTyped = isUnitType(base.slice(base.lastIndexOf('.') + 1)) && base.includes('.')
  return parseUnitName(isTyped || base === '' ? base : `${base}.service`)
}

function isUnitType(type: string): boolean {
  return (unitTypes as readonly string[]).includes(type)
}

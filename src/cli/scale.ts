import { dirname, join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import { isTemplate, mangleUnitName, parseUnitName, toUnitNameParts } from '../unit/unit-name.ts'
import type { UnitName } from '../unit/unit.ts'

/** So many instances of a template, as asked for on the command line. */
export interface Scale {
  readonly template: UnitName
  /** Where the template's file would be. */
  readonly folder: string
  readonly count: number
}

/** Names of instances, by their number. */
export interface ScaleSteps {
  /** To be launched, those that run already among them; the lowest numbers. */
  readonly keep: readonly UnitName[]
  /** Too many: the highest number first. */
  readonly remove: readonly UnitName[]
}

/** Far beyond what a cluster holds; a slip of the finger is refused before anything is made. */
const most = 10_000

/** `TEMPLATE=NUMBER`, the template as a name or a path, with or without its suffix. */
export function parseScale(text: string): Scale {
  const at = text.lastIndexOf('=')
  if (at === -1) throw invalid(text, 'it is not TEMPLATE=NUMBER')
  const [path, number] = [text.slice(0, at), text.slice(at + 1)]
  if (!/^\d+$/.test(number)) throw invalid(text, `'${number}' is not a whole number`)
  if (Number(number) > most) throw invalid(text, `more than ${most} instances cannot be right`)
  const template = mangleUnitName(path)
  if (!isTemplate(template)) throw invalid(text, `'${template}' is no template, whose name ends in '@'`)
  return { template, folder: dirname(path), count: Number(number) }
}

/** Instances keep their numbers: what is there stays as far as it may, and the lowest free numbers fill up. Pure. */
export function planScale({ template, count }: Scale, units: readonly string[]): ScaleSteps {
  const numbers = units.flatMap((name) => numberOf(name, template) ?? []).toSorted((a, b) => a - b)
  const kept = numbers.slice(0, count)
  const known = new Set(kept)
  for (let number = 1; known.size < count; number++) known.add(number)
  return {
    keep: [...known].toSorted((a, b) => a - b).map((number) => instanceOf(template, number)),
    remove: numbers
      .slice(count)
      .toReversed()
      .map((number) => instanceOf(template, number)),
  }
}

/** Undefined for a unit of another template, and for an instance that has a word for a name. */
function numberOf(name: string, template: UnitName): number | undefined {
  const parts = toUnitNameParts(parseUnitName(name))
  return parts.template === template && /^(0|[1-9]\d{0,8})$/.test(parts.instance ?? '')
    ? Number(parts.instance)
    : undefined
}

function instanceOf(template: UnitName, number: number): UnitName {
  const { prefix, suffix } = toUnitNameParts(template)
  return parseUnitName(`${prefix}@${number}${suffix}`)
}

/** An instance as an argument of `start`: its template's file lies beside it. */
export const toArgument = ({ folder }: Scale, instance: UnitName): string =>
  folder === '.' ? instance : join(folder, instance)

function invalid(text: string, why: string): FlotaError {
  return new FlotaError('invalid_argument', `Cannot scale '${text}': ${why}`, {
    hint: "For example 'flota scale nano-container@=5'",
  })
}

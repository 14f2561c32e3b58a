import type { Command } from 'commander'
import { FlotaError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'
import { toTable } from './table.ts'

/** One list verb: how each field of a row is shown, and the whole row for programs. */
export interface List<Row> {
  readonly fields: Readonly<Record<string, (row: Row, isFull: boolean) => string>>
  readonly defaults: readonly string[]
  readonly toJson: (row: Row) => unknown
}

export interface ListFlags {
  readonly full?: boolean
  readonly legend: boolean
  readonly fields?: string
  readonly output?: string
}

export function addListOptions<Row>(command: Command, list: List<Row>): Command {
  const names = Object.keys(list.fields).toSorted().join(', ')
  return command
    .option('-l, --full', 'show ids and hashes in full')
    .option('--no-legend', 'leave the header out')
    .option('--fields <names>', `comma-separated columns of: ${names} (default ${list.defaults.join(',')})`)
    .option('-o, --output <format>', 'json: an array of objects, for programs')
}

/** Throws before anything was asked of the cluster when the flags make no sense. */
export function checkListFlags<Row>(flags: ListFlags, list: List<Row>): readonly string[] {
  if (flags.output !== undefined && flags.output !== 'json') {
    throw new FlotaError('invalid_argument', `Cannot print as '${flags.output}': json is the only other format`)
  }
  if (flags.fields === '') throw new FlotaError('invalid_argument', 'Must define output format')
  const names = flags.fields?.split(',') ?? list.defaults
  const unknown = names.find((name) => !Object.hasOwn(list.fields, name))
  if (unknown !== undefined) {
    throw new FlotaError('invalid_argument', `Invalid key in output format: "${unknown}"`, {
      hint: `Fields are ${Object.keys(list.fields).toSorted().join(', ')}`,
    })
  }
  return names
}

export function printList<Row>(
  deps: CliDeps,
  rows: readonly Row[],
  shown: List<Row> & { readonly flags: ListFlags },
): void {
  const { flags, fields, toJson } = shown
  const names = checkListFlags(flags, shown)
  if (flags.output === 'json') {
    deps.stdout.write(`${JSON.stringify(rows.map(toJson), undefined, 2)}\n`)
    return
  }
  const cells = rows.map((row) => names.map((name) => fields[name]?.(row, flags.full === true) ?? ''))
  const header = flags.legend ? [names.map((name) => name.toUpperCase())] : []
  deps.stdout.write(toTable([...header, ...cells]))
}

/** How lists show a machine: `abcdef12.../10.0.0.1`, without the address where none is known. */
export function showMachine(id: string, ip: string | undefined, isFull: boolean): string {
  return `${showId(id, isFull)}${ip === undefined || ip === '' ? '' : `/${ip}`}`
}

export const showId = (id: string, isFull: boolean): string => (isFull ? id : `${id.slice(0, 8)}...`)

export const orDash = (text: string): string => (text === '' ? '-' : text)

import type { Command } from 'commander'
import { FlotaError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'
import type { Paint } from './table.ts'
import { toTable } from './table.ts'

/** One list verb: how each field of a row is shown, and the whole row for programs. */
export interface List<Row> {
  readonly fields: Readonly<Record<string, (row: Row, isFull: boolean) => string>>
  readonly defaults: readonly string[]
  /** The fields of `-o wide`. The first field of the defaults is the row's name. */
  readonly wide: readonly string[]
  readonly toJson: (row: Row) => unknown
}

export const listFormats = ['json', 'yaml', 'name', 'wide'] as const

export interface ListFlags {
  readonly full?: boolean
  readonly legend: boolean
  readonly fields?: string
  readonly output?: string
  readonly watch?: boolean
}

/** A list with the flags it is to be shown by, and how to get its rows. */
export interface ShownList<Row> extends List<Row> {
  readonly flags: ListFlags
  readonly read: () => Promise<readonly Row[]>
}

export function addListOptions<Row>(command: Command, list: List<Row>): Command {
  const names = Object.keys(list.fields).toSorted().join(', ')
  return command
    .option('-l, --full', 'show ids and hashes in full')
    .option('--no-legend', 'leave the header out')
    .option('--fields <names>', `comma-separated columns of: ${names} (default ${list.defaults.join(',')})`)
    .option('-o, --output <format>', 'json or yaml: for programs; name: names only; wide: more columns')
    .option('-w, --watch', 'go on, and show the list again whenever it changes')
}

/** Throws before anything was asked of the cluster when the flags make no sense. */
export function checkListFlags<Row>(flags: ListFlags, list: List<Row>): readonly string[] {
  if (flags.output !== undefined && !listFormats.some((format) => format === flags.output)) {
    throw new FlotaError('invalid_argument', `Cannot print as '${flags.output}': there is no such format`, {
      hint: `Formats are ${listFormats.join(', ')}; without -o the list is a table`,
    })
  }
  if (flags.fields === '') throw new FlotaError('invalid_argument', 'Must define output format')
  const names = flags.fields?.split(',') ?? (flags.output === 'wide' ? list.wide : list.defaults)
  const unknown = names.find((name) => !Object.hasOwn(list.fields, name))
  if (unknown !== undefined) {
    throw new FlotaError('invalid_argument', `Invalid key in output format: "${unknown}"`, {
      hint: `Fields are ${Object.keys(list.fields).toSorted().join(', ')}`,
    })
  }
  return names
}

export async function showList<Row>(deps: CliDeps, shown: ShownList<Row>): Promise<void> {
  checkListFlags(shown.flags, shown)
  const render = await rendererFor(deps, shown)
  const read = async () => render(await shown.read())
  if (shown.flags.watch !== true) {
    deps.stdout.write(await read())
    return
  }
  const { watchText } = await import('./watch-text.ts')
  await watchText(deps, read)
}

type Render<Row> = (rows: readonly Row[]) => string

/** What a format needs is loaded only for that format. */
async function rendererFor<Row>(deps: CliDeps, shown: ShownList<Row>): Promise<Render<Row>> {
  const { toJson, flags } = shown
  if (flags.output === 'json') return (rows) => `${JSON.stringify(rows.map(toJson), undefined, 2)}\n`
  if (flags.output === 'yaml') {
    const { stringify } = await import('yaml')
    return (rows) => stringify(rows.map(toJson))
  }
  if (flags.output === 'name') return (rows) => toNames(rows, shown)
  if (!deps.stdout.isTTY) return (rows) => toText(rows, shown)
  const { terminalPaint } = await import('./paint.ts')
  return (rows) => toText(rows, shown, terminalPaint(deps.env))
}

/** Each name once: a unit that runs on several machines has a row for each. */
function toNames<Row>(rows: readonly Row[], { fields, defaults }: List<Row>): string {
  const names = rows.map((row) => fields[defaults[0] ?? '']?.(row, true) ?? '')
  return [...new Set(names)].map((name) => `${name}\n`).join('')
}

function toText<Row>(rows: readonly Row[], shown: ShownList<Row>, paint?: Paint): string {
  const { flags, fields } = shown
  const names = checkListFlags(flags, shown)
  const cells = rows.map((row) => names.map((name) => fields[name]?.(row, flags.full === true) ?? ''))
  const header = flags.legend ? [names.map((name) => name.toUpperCase())] : []
  return toTable([...header, ...cells], paint)
}

/** How lists show a machine: `abcdef12.../10.0.0.1`, without the address where none is known. */
export function showMachine(id: string, ip: string | undefined, isFull: boolean): string {
  return `${showId(id, isFull)}${ip === undefined || ip === '' ? '' : `/${ip}`}`
}

export const showId = (id: string, isFull: boolean): string => (isFull ? id : `${id.slice(0, 8)}...`)

export const orDash = (text: string): string => (text === '' ? '-' : text)

import { readFile, readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { FlotaError, describeError } from '../lib/errors.ts'
import { compileGlob, hasGlob } from '../lib/glob.ts'
import { parseUnitFile } from '../unit/unit-file.ts'
import { mangleUnitName, toUnitNameParts } from '../unit/unit-name.ts'
import type { UnitName, UnitOption } from '../unit/unit.ts'

/** A unit as the command line names it: where its file would be, and its template's. */
export interface NamedUnit {
  readonly name: UnitName
  /** As fleetctl prints it: the argument's own folder and the unit's name. */
  readonly file: string
  readonly template: UnitName | undefined
  readonly templateFile: string | undefined
}

export interface LocalFile {
  readonly kind: 'unit' | 'template'
  readonly path: string
  readonly options: readonly UnitOption[]
}

/** Arguments of submit, load and start: a glob means the unit files that match it. */
export async function toNamedUnits(args: readonly string[], cwd: string): Promise<readonly NamedUnit[]> {
  const expanded = await Promise.all(
    args.map((arg) => (hasGlob(arg) ? matchingFiles(arg, cwd) : Promise.resolve([arg]))),
  )
  return expanded.flat().map(toNamedUnit)
}

function toNamedUnit(arg: string): NamedUnit {
  const name = mangleUnitName(arg)
  const folder = dirname(arg)
  const template = toUnitNameParts(name).instance === '' ? undefined : toUnitNameParts(name).template
  return {
    name,
    file: join(folder, name),
    template,
    templateFile: template === undefined ? undefined : join(folder, template),
  }
}

async function matchingFiles(glob: string, cwd: string): Promise<readonly string[]> {
  const folder = dirname(glob)
  const isMatch = compileGlob(basename(glob))
  const files = await readdir(resolve(cwd, folder)).catch(() => [])
  const found = files.filter((file) => isMatch(file)).toSorted()
  if (found.length > 0) return found.map((file) => join(folder, file))
  throw new FlotaError('not_found', `no unit file matches '${glob}'`)
}

/** The unit's own file, else its template's; undefined when there is neither. */
export async function readLocalFile(unit: NamedUnit, cwd: string): Promise<LocalFile | undefined> {
  return (
    (await readOne('unit', unit.file, cwd)) ??
    (unit.templateFile === undefined ? undefined : await readOne('template', unit.templateFile, cwd))
  )
}

async function readOne(kind: LocalFile['kind'], path: string, cwd: string): Promise<LocalFile | undefined> {
  let text: string
  try {
    text = await readFile(resolve(cwd, path), 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
      return undefined
    const isTooLong = cause instanceof Error && 'code' in cause && cause.code === 'ENAMETOOLONG'
    const why = isTooLong ? `open ${path}: file name too long` : describeError(cause)
    throw new FlotaError('invalid_argument', `failed getting Unit(${path}) from file: ${why}`)
  }
  try {
    return { kind, path, options: parseUnitFile(text) }
  } catch (cause) {
    throw new FlotaError('invalid_argument', `failed getting Unit(${path}) from file: ${describeError(cause)}`)
  }
}

import type { ApiClient } from '../client/api-client.ts'
import type { WireUnit } from '../client/calls.ts'
import { getUnit, putUnit } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import { findUnknownRequirements, parseRequirements } from '../unit/requirements.ts'
import { serialiseUnitFile } from '../unit/unit-file.ts'
import type { DesiredState, UnitOption } from '../unit/unit.ts'
import type { CliDeps } from './deps.ts'
import { inWords } from './in-words.ts'
import { optionsOf } from './unit-options.ts'
import { ForgivenError } from './strict-compat.ts'
import type { LocalFile, NamedUnit } from './unit-source.ts'
import { readLocalFile } from './unit-source.ts'
import { warn } from './warn.ts'

export interface CreateOptions {
  readonly client: ApiClient
  readonly deps: CliDeps
  readonly isReplacing: boolean
  /** What the verb wants in the end: it may replace the content of a unit that is at most so far. */
  readonly wanted: DesiredState
}

/**
 * Makes sure that the cluster knows the units, in order: what it has stays (with a warning where a local file differs), else the unit's
 * own file, else the template that the cluster has, else the template's file. Gives what the cluster then has.
 */
export async function createUnits(units: readonly NamedUnit[], options: CreateOptions): Promise<readonly WireUnit[]> {
  const known: WireUnit[] = []
  for (const unit of units) known.push(await createUnit(unit, options))
  return known
}

async function createUnit(unit: NamedUnit, options: CreateOptions): Promise<WireUnit> {
  const { client, deps } = options
  const existing = await getUnit(client, unit.name)
  const local = await readLocalFile(unit, deps.cwd)
  if (existing !== undefined)
    return options.isReplacing
      ? replace(unit, existing, { ...options, local })
      : keep(unit, existing, { ...options, local })
  const content = await contentOf(unit, local, client)
  warnOfUnknown(unit, content, options)
  const { isGlobal } = parseRequirements(unit.name, content)
  // With its state, so that sending it twice (another machine takes over in the middle) is no error.
  await inWords(`failed creating unit ${unit.name}`, () =>
    putUnit(client, unit.name, { name: unit.name, desiredState: 'inactive', options: [...content] }),
  )
  // A global unit has no state of its own; fleetctl leaves the blank.
  deps.stdout.write(`Unit ${unit.name} ${isGlobal ? '' : 'inactive'}\n`)
  return { name: unit.name, desiredState: 'inactive', currentState: 'inactive', options: [...content] }
}

interface WithLocal extends CreateOptions {
  readonly local: LocalFile | undefined
}

async function contentOf(
  unit: NamedUnit,
  local: LocalFile | undefined,
  client: ApiClient,
): Promise<readonly UnitOption[]> {
  if (local?.kind === 'unit') return local.options
  if (unit.template === undefined) throw notFound(unit.name)
  const template = await getUnit(client, unit.template)
  if (template !== undefined) return optionsOf(template)
  if (local !== undefined) return local.options
  const cause = `unable to find template Unit(${unit.template}) in Registry or on filesystem`
  throw new FlotaError('not_found', `failed getting Unit(${unit.name}) from template: ${cause}`)
}

function notFound(name: string): FlotaError {
  return new FlotaError('not_found', `unable to find Unit(${name}) in Registry or on filesystem`, {
    hint: "Give the path of the unit's file; 'list-unit-files' lists what the cluster has",
  })
}

function keep(unit: NamedUnit, existing: WireUnit, { local, deps }: WithLocal): WireUnit {
  if (local !== undefined && !isSame(local, existing)) {
    const what = local.kind === 'unit' ? 'local unit file' : 'local template unit file'
    deps.stderr.write(
      `WARNING: Unit ${unit.name} in registry differs from ${what} ${local.path}. Add --replace to override.\n`,
    )
  }
  return existing
}

const rank: Readonly<Record<DesiredState, number>> = { inactive: 0, loaded: 1, launched: 2 }

async function replace(unit: NamedUnit, existing: WireUnit, options: WithLocal): Promise<WireUnit> {
  const { local, deps, client, wanted } = options
  if (local === undefined) {
    throw new FlotaError('not_found', `error Unit ${unit.name} does not seem to be a template unit`, {
      hint: `There is no local file of it to take instead; give the path of one`,
    })
  }
  if (isSame(local, existing)) {
    deps.stdout.write(`Found same Unit(${unit.name}) in Registry, nothing to do\n`)
    return existing
  }
  const desired = existing.desiredState ?? 'inactive'
  if (rank[desired] > rank[wanted]) {
    throw new ForgivenError(
      'failed_precondition',
      `Warning: can not replace Unit(${unit.name}) in state '${desired}', use the appropriate command`,
      { hint: `'start --replace' replaces a unit that is launched` },
    )
  }
  warnOfUnknown(unit, local.options, options)
  // In one write with the state that is wanted, so that the unit keeps its machine where it can.
  await putUnit(client, unit.name, { name: unit.name, options: [...local.options], desiredState: wanted })
  // fleetctl says so of every replaced unit, because its units are stopped and placed anew.
  if (wanted === 'inactive' || deps.programName === 'fleetctl') deps.stdout.write(`Unit ${unit.name} inactive\n`)
  return { ...existing, desiredState: wanted, currentState: 'inactive', options: [...local.options] }
}

function isSame(local: LocalFile, existing: WireUnit): boolean {
  return serialiseUnitFile(local.options) === serialiseUnitFile(optionsOf(existing))
}

function warnOfUnknown({ name }: NamedUnit, content: readonly UnitOption[], { deps }: CreateOptions): void {
  for (const key of findUnknownRequirements(content)) {
    warn(deps, `Unit ${name}: unrecognized requirement in [X-Fleet] section: "${key}"`)
  }
}

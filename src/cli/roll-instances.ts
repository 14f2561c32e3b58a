import type { WireUnit } from '../client/calls.ts'
import { listUnits, putUnit } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import { serialiseUnitFile } from '../unit/unit-file.ts'
import { isTemplate, parseUnitName, toUnitNameParts } from '../unit/unit-name.ts'
import type { UnitName, UnitOption } from '../unit/unit.ts'
import type { BringFlags } from './bring-units.ts'
import { requireUnits } from './bring-units.ts'
import { createUnits } from './create-units.ts'
import type { CliDeps } from './deps.ts'
import { inWords } from './in-words.ts'
import { optionsOf } from './unit-options.ts'
import type { NamedUnit } from './unit-source.ts'
import { readLocalFile, toNamedUnits } from './unit-source.ts'
import { waitForUnits } from './wait-for-units.ts'

/**
 * Brings templates to the content of their local files, and then their instances, one after the other: each keeps its state and, where
 * it can, its machine, and runs again before the next one's turn. The first that does not run ends it, and the others stay as they are.
 */
export async function rollInstances(args: readonly string[], flags: BringFlags, deps: CliDeps): Promise<void> {
  requireUnits(args, deps)
  if (flags.replace !== true) throw cannotRoll('without --replace there is nothing to change')
  if (!flags.block) throw cannotRoll('with --no-block all of them would be down at once')
  const templates = await toNamedUnits(args, deps.cwd)
  const other = templates.find(({ name }) => !isTemplate(name))
  if (other !== undefined) throw cannotRoll(`'${other.name}' is no template, whose name ends in '@'`)
  for (const template of templates) await rollTemplate(template, flags, deps)
}

async function rollTemplate(template: NamedUnit, flags: BringFlags, deps: CliDeps): Promise<void> {
  const { client } = await deps.connect()
  const isReplacing = (await readLocalFile(template, deps.cwd)) !== undefined
  const known = await inWords('Error creating units', () =>
    createUnits([template], { client, deps, isReplacing, wanted: 'inactive' }),
  )
  const options = known.flatMap(optionsOf)
  for (const instance of instancesOf(template.name, await listUnits(client))) {
    await rollInstance(instance, options, { flags, deps })
  }
}

const byNumber = new Intl.Collator('en', { numeric: true })

function instancesOf(template: UnitName, units: readonly WireUnit[]): readonly WireUnit[] {
  return units
    .filter(({ name = '' }) => name !== template && toUnitNameParts(parseUnitName(name)).template === template)
    .toSorted((a, b) => byNumber.compare(a.name ?? '', b.name ?? ''))
}

async function rollInstance(
  instance: WireUnit,
  options: readonly UnitOption[],
  { flags, deps }: { readonly flags: BringFlags; readonly deps: CliDeps },
): Promise<void> {
  const { name = '', desiredState = 'inactive' } = instance
  if (serialiseUnitFile(options) === serialiseUnitFile(optionsOf(instance))) {
    deps.stdout.write(`Found same Unit(${name}) in Registry, nothing to do\n`)
    return
  }
  const { client } = await deps.connect()
  await inWords('Error replacing units', () => putUnit(client, name, { name, options: [...options], desiredState }))
  await waitForUnits([name], { client, deps, goal: desiredState, blockAttempts: flags.blockAttempts })
}

function cannotRoll(why: string): FlotaError {
  return new FlotaError('invalid_argument', `Cannot replace instances: ${why}`, {
    hint: "For example 'flota start --replace --instances nano-container@'",
  })
}

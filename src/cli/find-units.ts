import type { ApiClient } from '../client/api-client.ts'
import type { WireUnit } from '../client/calls.ts'
import { getUnit, listUnits } from '../client/calls.ts'
import { compileGlob, hasGlob } from '../lib/glob.ts'
import { isTemplate, mangleUnitName, parseUnitName } from '../unit/unit-name.ts'

export interface FoundUnits {
  /** In the order of the arguments, each once; those of a glob by name. */
  readonly units: readonly WireUnit[]
  /** Names and globs that the cluster knows nothing for. */
  readonly missing: readonly string[]
}

export interface FindOptions {
  /** False: a glob means no templates, which never run. One that is named is found all the same. */
  readonly isForTemplates?: boolean
}

/** What names and globs on the command line mean among the units of the cluster. */
export async function findUnits(
  client: ApiClient,
  args: readonly string[],
  { isForTemplates = true }: FindOptions = {},
): Promise<FoundUnits> {
  const listed = args.some(hasGlob) ? await listUnits(client) : []
  const all = isForTemplates ? listed : listed.filter(({ name = '' }) => !isTemplate(parseUnitName(name)))
  const units = new Map<string, WireUnit>()
  const missing: string[] = []
  for (const arg of args) {
    const found = hasGlob(arg) ? matching(arg, all) : await exactly(client, arg)
    for (const unit of found) units.set(unit.name ?? '', unit)
    if (found.length === 0) missing.push(hasGlob(arg) ? arg : mangleUnitName(arg))
  }
  return { units: [...units.values()], missing }
}

async function exactly(client: ApiClient, arg: string): Promise<readonly WireUnit[]> {
  const unit = await getUnit(client, mangleUnitName(arg))
  return unit === undefined ? [] : [unit]
}

/** A glob means what it says, and with `.service` at its end what its user may have meant. */
function matching(glob: string, units: readonly WireUnit[]): readonly WireUnit[] {
  const matches = [compileGlob(glob), compileGlob(`${glob}.service`)]
  return units.filter(({ name = '' }) => matches.some((isMatch) => isMatch(name)))
}

import type { WireUnit } from '../client/calls.ts'
import { putUnit } from '../client/calls.ts'
import { FlotaError, describeError } from '../lib/errors.ts'
import type { BlockFlags } from './blocking.ts'
import { createUnits } from './create-units.ts'
import type { CliDeps } from './deps.ts'
import { isGlobalUnit } from './unit-options.ts'
import { toNamedUnits } from './unit-source.ts'
import { waitForUnits } from './wait-for-units.ts'

/** What load and start have in common: the unit is there, is wanted so, and gets so. */
export interface Bring {
  readonly verb: 'load' | 'start'
  readonly wanted: 'loaded' | 'launched'
}

export interface BringFlags extends BlockFlags {
  readonly replace?: boolean
}

export async function bringUnits(
  args: readonly string[],
  flags: BringFlags,
  { deps, ...bring }: Bring & { deps: CliDeps },
): Promise<void> {
  requireUnits(args, deps)
  const { client } = await deps.connect()
  const options = { client, deps, isReplacing: flags.replace === true, wanted: bring.wanted }
  const units = await inWords('Error creating units', async () =>
    createUnits(await toNamedUnits(args, deps.cwd), options),
  )
  const waitFor: string[] = []
  for (const unit of units) {
    if (await want(unit, { flags, deps, ...bring })) waitFor.push(unit.name ?? '')
  }
  if (flags.block) await waitForUnits(waitFor, { client, deps, goal: bring.wanted, blockAttempts: flags.blockAttempts })
}

/** Asks for the state; true when the unit is worth waiting for. */
async function want(
  unit: WireUnit,
  { verb, wanted, flags, deps }: Bring & { flags: BringFlags; deps: CliDeps },
): Promise<boolean> {
  const { name = '' } = unit
  const isThere = unit.desiredState === wanted
  const { client } = await deps.connect()
  if (!isThere) {
    await inWords(`Error ${verb === 'load' ? 'loading' : 'starting'} units`, () =>
      putUnit(client, name, { desiredState: wanted }),
    )
  }
  if (isGlobalUnit(unit)) {
    if (!isThere) deps.stdout.write(`Triggered global unit ${name} ${verb}\n`)
    return false
  }
  if (!flags.block && !isThere) deps.stdout.write(`Triggered unit ${name} ${verb}\n`)
  return !isThere || unit.currentState !== wanted
}

/** fleetctl's beginning of an error, before what went wrong. */
export async function inWords<T>(words: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FlotaError) || error.code === 'unavailable') throw error
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    throw new FlotaError(error.code, `${words}: ${describeError(error)}`, { ...hint })
  }
}

export function requireUnits(args: readonly string[], deps: CliDeps): void {
  if (args.length > 0) return
  throw new FlotaError('invalid_argument', 'No units given', {
    hint: `'${deps.programName} help' lists what a command takes`,
  })
}

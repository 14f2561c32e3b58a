import type { WireUnit } from '../client/calls.ts'
import { putUnit } from '../client/calls.ts'
import type { BlockFlags } from './blocking.ts'
import { createUnits } from './create-units.ts'
import { inWords } from './in-words.ts'
import type { CliDeps } from './deps.ts'
import { ForgivenError } from './strict-compat.ts'
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
  const asked: string[] = []
  const others: string[] = []
  for (const unit of units) {
    const isAsked = await want(unit, { flags, deps, ...bring })
    if (!isGlobalUnit(unit)) (isAsked ? asked : others).push(unit.name ?? '')
  }
  if (!flags.block) return
  const wait = { client, deps, goal: bring.wanted, blockAttempts: flags.blockAttempts }
  await waitForUnits(asked, wait)
  // One that was wanted so before may still be on its way, or have failed.
  await waitForUnits(others, { ...wait, isSilent: true })
}

/** Asks for the state; false when the unit was wanted so already and nothing about it changed. */
async function want(
  unit: WireUnit,
  { verb, wanted, flags, deps }: Bring & { flags: BringFlags; deps: CliDeps },
): Promise<boolean> {
  const { name = '' } = unit
  if (unit.desiredState === wanted) {
    const isOnItsWay = unit.currentState !== wanted
    if (isOnItsWay && !flags.block && !isGlobalUnit(unit)) deps.stdout.write(`Triggered unit ${name} ${verb}\n`)
    return isOnItsWay
  }
  const { client } = await deps.connect()
  await inWords(`Error ${verb === 'load' ? 'loading' : 'starting'} units`, () =>
    putUnit(client, name, { desiredState: wanted }),
  )
  if (isGlobalUnit(unit)) deps.stdout.write(`Triggered global unit ${name} ${verb}\n`)
  else if (!flags.block) deps.stdout.write(`Triggered unit ${name} ${verb}\n`)
  return true
}

export function requireUnits(args: readonly string[], deps: CliDeps): void {
  if (args.length > 0) return
  throw new ForgivenError('invalid_argument', 'No units given', {
    hint: `'${deps.programName} help' lists what a command takes`,
  })
}

import type { WireUnit } from '../client/calls.ts'
import { putUnit } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import type { BlockFlags } from './blocking.ts'
import { requireUnits } from './bring-units.ts'
import { inWords } from './in-words.ts'
import type { CliDeps } from './deps.ts'
import type { FindOptions } from './find-units.ts'
import { findUnits } from './find-units.ts'
import { ForgivenError, forgivenCode } from './strict-compat.ts'
import { isGlobalUnit } from './unit-options.ts'
import { waitForUnits } from './wait-for-units.ts'

/** What stop and unload have in common: a unit that the cluster knows is wanted less. */
export interface Withdraw {
  readonly verb: 'stop' | 'unload'
  readonly wanted: 'loaded' | 'inactive'
  readonly goal: 'stopped' | 'inactive'
  readonly done: string
}

export async function withdrawUnits(
  args: readonly string[],
  flags: BlockFlags,
  { deps, ...withdraw }: Withdraw & { deps: CliDeps },
): Promise<void> {
  const { client } = await deps.connect()
  const units = await knownUnits(args, deps, { isForTemplates: false })
  const changed: WireUnit[] = []
  try {
    for (const unit of units) {
      if (isDone(unit, withdraw)) continue
      await inWords(`Error ${withdraw.verb === 'stop' ? 'stopping' : 'unloading'} units`, () =>
        putUnit(client, unit.name ?? '', { desiredState: withdraw.wanted }),
      )
      changed.push(unit)
      if (isGlobalUnit(unit)) deps.stdout.write(`Triggered global unit ${unit.name ?? ''} ${withdraw.verb}\n`)
      else if (!flags.block) deps.stdout.write(`Triggered unit ${unit.name ?? ''} ${withdraw.verb}\n`)
    }
  } finally {
    const names = changed.filter((unit) => !isGlobalUnit(unit)).map(({ name = '' }) => name)
    const { goal } = withdraw
    if (flags.block) await waitForUnits(names, { client, deps, goal, blockAttempts: flags.blockAttempts })
  }
  deps.stderr.write(`Successfully ${withdraw.done} units [${changed.map(({ name }) => name).join(' ')}].\n`)
}

/** True when there is nothing to do for it. Throws where the verb makes no sense. */
function isDone(unit: WireUnit, { verb, wanted }: Withdraw): boolean {
  if (verb === 'unload') return unit.desiredState === 'inactive'
  if (unit.currentState === 'inactive') {
    throw new FlotaError('failed_precondition', `Unable to stop unit ${unit.name ?? ''} in state inactive`, {
      hint:
        unit.desiredState === 'inactive'
          ? 'It is on no machine'
          : `'unload' takes a unit back that waits for a machine`,
    })
  }
  return unit.desiredState === wanted
}

/** The units that the arguments mean. One that is not known is said, and makes the command fail when it is done with the others. */
export async function knownUnits(
  args: readonly string[],
  deps: CliDeps,
  options: FindOptions = {},
): Promise<readonly WireUnit[]> {
  requireUnits(args, deps)
  const { client } = await deps.connect()
  const { units, missing } = await findUnits(client, args, options)
  if (units.length === 0) {
    throw new ForgivenError('not_found', 'Units not found in registry', {
      hint: `Not known: ${missing.join(' ')}; 'list-unit-files' lists the units`,
    })
  }
  for (const name of missing) deps.stderr.write(`Unit ${name} not found in registry\n`)
  if (missing.length > 0) deps.setExitCode(forgivenCode(deps))
  return units
}

import type { WireUnit } from '../client/calls.ts'
import { getWhy, putUnit, restartUnit } from '../client/calls.ts'
import { hasGlob } from '../lib/glob.ts'
import type { BlockFlags } from './blocking.ts'
import { requireUnits } from './bring-units.ts'
import { inWords } from './in-words.ts'
import { createUnits } from './create-units.ts'
import type { CliDeps } from './deps.ts'
import { forgivenCode } from './strict-compat.ts'
import { isGlobalUnit } from './unit-options.ts'
import { toNamedUnits } from './unit-source.ts'
import { waitForUnits } from './wait-for-units.ts'
import { knownUnits } from './withdraw-units.ts'

/** One after the other, each waited for before the next, so that of several instances only one is down at a time. */
export async function restartUnits(args: readonly string[], flags: BlockFlags, deps: CliDeps): Promise<void> {
  for (const unit of await unitsOf(args, deps)) {
    if (await restartOne(unit, deps)) await settle(unit, flags, deps)
  }
}

/** As fleetctl: a name may be that of a unit file too, which is submitted; a glob means units of the cluster. */
async function unitsOf(args: readonly string[], deps: CliDeps): Promise<readonly WireUnit[]> {
  requireUnits(args, deps)
  const { client } = await deps.connect()
  const known = args.some(hasGlob) ? await knownUnits(args.filter(hasGlob), deps, { isForTemplates: false }) : []
  const named = await inWords('Error creating units', async () =>
    createUnits(
      await toNamedUnits(
        args.filter((arg) => !hasGlob(arg)),
        deps.cwd,
      ),
      {
        client,
        deps,
        isReplacing: false,
        wanted: 'inactive',
      },
    ),
  )
  return [...new Map([...named, ...known].map((unit) => [unit.name, unit])).values()]
}

/** False where the unit is in no state to be restarted: that is said, and the next one's turn comes. */
async function restartOne(unit: WireUnit, deps: CliDeps): Promise<boolean> {
  const { client } = await deps.connect()
  const { name = '' } = unit
  const isWanted = unit.desiredState === 'launched'
  if (isGlobalUnit(unit) ? !isWanted : unit.currentState === 'inactive') {
    deps.stderr.write(`Unable to restart unit ${name} in state ${unit.currentState ?? unit.desiredState ?? ''}\n`)
    deps.setExitCode(forgivenCode(deps))
    return false
  }
  await inWords('Error restarting units', async () => {
    const { generation = 0 } = (await getWhy(client, name)) ?? {}
    await (isWanted ? restartUnit(client, name, generation) : putUnit(client, name, { desiredState: 'launched' }))
  })
  return true
}

async function settle(unit: WireUnit, { block, blockAttempts }: BlockFlags, deps: CliDeps): Promise<void> {
  const { client } = await deps.connect()
  const { name = '' } = unit
  if (isGlobalUnit(unit)) deps.stdout.write(`Triggered global unit ${name} restart\n`)
  else if (block) await waitForUnits([name], { client, deps, goal: 'launched', blockAttempts })
  else deps.stdout.write(`Triggered unit ${name} restart\n`)
}

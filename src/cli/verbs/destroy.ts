import type { Command } from 'commander'
import { deleteUnit } from '../../client/calls.ts'
import type { BlockFlags } from '../blocking.ts'
import { addBlockOptions } from '../blocking.ts'
import { inWords } from '../bring-units.ts'
import type { CliDeps } from '../deps.ts'
import { waitForUnits } from '../wait-for-units.ts'
import { knownUnits } from '../withdraw-units.ts'

export function registerDestroy(program: Command, deps: CliDeps): void {
  const command = program
    .command('destroy')
    .description('stop units and forget them')
    .argument('[unit...]', 'names of units, or globs')
  addBlockOptions(command).action(async (args: readonly string[], { block, blockAttempts }: BlockFlags) => {
    const names = (await knownUnits(args, deps)).map(({ name = '' }) => name)
    const { client } = await deps.connect()
    for (const name of names) {
      await inWords('Error destroying units', () => deleteUnit(client, name))
      deps.stdout.write(`Destroyed ${name}\n`)
    }
    if (block) await waitForUnits(names, { client, deps, goal: 'inactive', blockAttempts })
  })
}

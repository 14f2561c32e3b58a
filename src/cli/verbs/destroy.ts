import type { Command } from 'commander'
import type { BlockFlags } from '../blocking.ts'
import { addBlockOptions } from '../blocking.ts'
import type { CliDeps } from '../deps.ts'
import { destroyUnits } from '../destroy-units.ts'
import { knownUnits } from '../withdraw-units.ts'

export function registerDestroy(program: Command, deps: CliDeps): void {
  const command = program
    .command('destroy')
    .description('stop units and forget them')
    .argument('[unit...]', 'names of units, or globs')
  addBlockOptions(command).action(async (args: readonly string[], flags: BlockFlags) => {
    const names = (await knownUnits(args, deps)).map(({ name = '' }) => name)
    await destroyUnits(names, flags, deps)
  })
}

import type { Command } from 'commander'
import type { BlockFlags } from '../blocking.ts'
import { addBlockOptions } from '../blocking.ts'
import type { CliDeps } from '../deps.ts'
import { restartUnits } from '../restart-units.ts'

export function registerRestart(program: Command, deps: CliDeps): void {
  const command = program
    .command('restart')
    .description('stop and start units again, one after the other')
    .argument('[unit...]', 'names of units, or globs')
  addBlockOptions(command).action((args: readonly string[], flags: BlockFlags) => restartUnits(args, flags, deps))
}

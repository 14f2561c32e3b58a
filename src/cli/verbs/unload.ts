import type { Command } from 'commander'
import type { BlockFlags } from '../blocking.ts'
import { addBlockOptions } from '../blocking.ts'
import type { CliDeps } from '../deps.ts'
import { withdrawUnits } from '../withdraw-units.ts'

export function registerUnload(program: Command, deps: CliDeps): void {
  const command = program
    .command('unload')
    .description('stop units and take them off their machines')
    .argument('[unit...]', 'names of units, or globs')
  addBlockOptions(command).action((args: readonly string[], flags: BlockFlags) =>
    withdrawUnits(args, flags, { verb: 'unload', wanted: 'inactive', goal: 'inactive', done: 'unloaded', deps }),
  )
}

import type { Command } from 'commander'
import type { BlockFlags } from '../blocking.ts'
import { addBlockOptions } from '../blocking.ts'
import type { CliDeps } from '../deps.ts'
import { withdrawUnits } from '../withdraw-units.ts'

export function registerStop(program: Command, deps: CliDeps): void {
  const command = program
    .command('stop')
    .description('stop units and leave them on their machines')
    .argument('[unit...]', 'names of units, or globs')
  addBlockOptions(command).action((args: readonly string[], flags: BlockFlags) =>
    withdrawUnits(args, flags, { verb: 'stop', wanted: 'loaded', goal: 'stopped', done: 'stopped', deps }),
  )
}

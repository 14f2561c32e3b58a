import type { Command } from 'commander'
import { addBlockOptions } from '../blocking.ts'
import type { BringFlags } from '../bring-units.ts'
import { bringUnits } from '../bring-units.ts'
import type { CliDeps } from '../deps.ts'

export function registerStart(program: Command, deps: CliDeps): void {
  const command = program
    .command('start')
    .description('start units, submitting and loading them where needed')
    .argument('[unit...]', 'names of units, unit files, or globs of files')
    .option('--replace', "take the local file's content for a unit that the cluster has already")
    .option('--sign', 'ignored, as fleetctl does')
  addBlockOptions(command).action((args: readonly string[], flags: BringFlags) =>
    bringUnits(args, flags, { verb: 'start', wanted: 'launched', deps }),
  )
}

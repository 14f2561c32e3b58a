import type { Command } from 'commander'
import { addBlockOptions } from '../blocking.ts'
import type { BringFlags } from '../bring-units.ts'
import { bringUnits } from '../bring-units.ts'
import type { CliDeps } from '../deps.ts'

interface StartFlags extends BringFlags {
  readonly instances?: boolean
}

export function registerStart(program: Command, deps: CliDeps): void {
  const command = program
    .command('start')
    .description('start units, submitting and loading them where needed')
    .argument('[unit...]', 'names of units, unit files, or globs of files')
    .option('--replace', "take the local file's content for a unit that the cluster has already")
    .option('--instances', 'with --replace, of templates: their instances too, one after the other')
    .option('--sign', 'ignored, as fleetctl does')
  addBlockOptions(command).action(async (args: readonly string[], flags: StartFlags) => {
    if (flags.instances !== true) return bringUnits(args, flags, { verb: 'start', wanted: 'launched', deps })
    const { rollInstances } = await import('../roll-instances.ts')
    return rollInstances(args, flags, deps)
  })
}

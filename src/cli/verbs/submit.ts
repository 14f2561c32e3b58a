import type { Command } from 'commander'
import { requireUnits } from '../bring-units.ts'
import { createUnits } from '../create-units.ts'
import type { CliDeps } from '../deps.ts'
import { inWords } from '../in-words.ts'
import { toNamedUnits } from '../unit-source.ts'

export function registerSubmit(program: Command, deps: CliDeps): void {
  program
    .command('submit')
    .description('upload units without starting them')
    .argument('[unit...]', 'unit files, or globs of them')
    .option('--replace', "take the local file's content for a unit that the cluster has already")
    .option('--sign', 'ignored, as fleetctl does')
    .action(async (args: readonly string[], flags: { readonly replace?: boolean }) => {
      requireUnits(args, deps)
      const { client } = await deps.connect()
      const options = { client, deps, isReplacing: flags.replace === true, wanted: 'inactive' } as const
      await inWords('Error creating units', async () => createUnits(await toNamedUnits(args, deps.cwd), options))
    })
}

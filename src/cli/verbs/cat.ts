import type { Command } from 'commander'
import { FlotaError } from '../../lib/errors.ts'
import { serialiseUnitFile } from '../../unit/unit-file.ts'
import type { CliDeps } from '../deps.ts'
import { findUnits } from '../find-units.ts'
import { optionsOf } from '../unit-options.ts'

export function registerCat(program: Command, deps: CliDeps): void {
  program
    .command('cat')
    .description('print a unit file as the cluster has it')
    .argument('[unit...]')
    .action(async (args: readonly string[]) => {
      const [arg] = args
      if (arg === undefined || args.length > 1) {
        throw new FlotaError('invalid_argument', 'One unit file must be provided')
      }
      const { client } = await deps.connect()
      const { units, missing } = await findUnits(client, [arg])
      if (missing[0] !== undefined) {
        throw new FlotaError('not_found', `Unit ${missing[0]} not found`, { hint: "'list-unit-files' lists the units" })
      }
      deps.stdout.write(units.map((unit) => serialiseUnitFile(optionsOf(unit))).join('\n'))
    })
}

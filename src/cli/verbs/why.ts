import type { Command } from 'commander'
import { getWhy } from '../../client/calls.ts'
import { FlotaError } from '../../lib/errors.ts'
import { mangleUnitName } from '../../unit/unit-name.ts'
import type { CliDeps } from '../deps.ts'
import { explain } from '../explain.ts'

export function registerWhy(program: Command, deps: CliDeps): void {
  program
    .command('why')
    .description('tell why a unit is where it is, or nowhere')
    .argument('<unit>')
    .option('-o, --output <format>', 'json: for programs')
    .action(async (arg: string, { output }: { readonly output?: string }) => {
      if (output !== undefined && output !== 'json') {
        throw new FlotaError('invalid_argument', `Cannot print as '${output}': json is the only other format`)
      }
      const { client } = await deps.connect()
      const name = mangleUnitName(arg)
      const why = await getWhy(client, name)
      if (why === undefined) {
        throw new FlotaError('not_found', `Cannot explain unit '${name}': the cluster does not know it`, {
          hint: "'list-unit-files' lists the units",
        })
      }
      deps.stdout.write(output === 'json' ? `${JSON.stringify(why, undefined, 2)}\n` : explain(why))
    })
}

import type { Command } from 'commander'
import { requireContext, useContext } from '../../client/context.ts'
import type { CliDeps } from '../deps.ts'

export function registerUse(program: Command, deps: CliDeps): void {
  program
    .command('use')
    .description('choose the cluster that the next commands mean')
    .argument('<context>', "its name; 'contexts' lists them")
    .action(async (name: string) => {
      await requireContext(name, deps.env)
      await useContext(name, deps.env)
      deps.stdout.write(`Context '${name}' is used from now on\n`)
    })
}

import type { Command } from 'commander'
import type { CliDeps } from '../deps.ts'

export function registerVersion(program: Command, deps: CliDeps): void {
  program
    .command('version')
    .description('print the version')
    .allowExcessArguments()
    .action(() => deps.stdout.write(`${deps.programName} version ${deps.version}\n`))
}

import { Argument } from 'commander'
import type { Command } from 'commander'
import { completionScript, shells } from '../completion-script.ts'
import type { Shell } from '../completion-script.ts'
import type { CliDeps } from '../deps.ts'

export function registerCompletion(program: Command, deps: CliDeps): void {
  program
    .command('completion')
    .description('print a completion script for bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'the shell that will read it').choices(shells))
    .action((shell: Shell) => {
      deps.stdout.write(completionScript(shell, deps.programName))
    })
}

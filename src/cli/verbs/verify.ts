import type { Command } from 'commander'
import type { CliDeps } from '../deps.ts'

/** Signed units went with fleet 0.11; the command still says so, for scripts that call it. */
export function registerVerify(program: Command, deps: CliDeps): void {
  program
    .command('verify', { hidden: true })
    .description('no longer does anything')
    .argument('[unit...]')
    .action(() => {
      deps.stderr.write('Command "verify" is deprecated, DEPRECATED - No longer works\n')
      deps.stderr.write('WARNING: The signed/verified units feature is DEPRECATED and cannot be used.\n')
      deps.setExitCode(2)
    })
}

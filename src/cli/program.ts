import { Command } from 'commander'
import type { CliDeps } from './deps.ts'
import { addGlobalOptions } from './global-options.ts'
import { completeVerb, deprecatedVerb } from './hidden-verbs.ts'
import { verbs } from './verb-table.ts'

/** The whole command line, with the named verb's own flags, or with everybody's (`all`). The others are there by name. */
export async function buildProgram(deps: CliDeps, loaded: string | undefined): Promise<Command> {
  const program = baseProgram(deps)
  for (const verb of verbs) {
    if (loaded === 'all' || verb.name === loaded) (await verb.load())(program, deps)
    else program.command(verb.name).description(verb.summary)
  }
  const named = program.commands.find((command) => command.name() === loaded)
  if (named !== undefined) (await import('./example-help.ts')).addExamples(named, deps.programName)
  if (loaded === deprecatedVerb) (await import('./verbs/verify.ts')).registerVerify(program, deps)
  if (loaded === 'all') (await import('./verbs/complete.ts')).registerComplete(program, deps)
  return program
}

export const verbNames: readonly string[] = [...verbs.map(({ name }) => name), completeVerb, deprecatedVerb, 'help']

export function baseProgram(deps: CliDeps): Command {
  const program = new Command(deps.programName)
    .description('Run systemd units across machines.')
    .usage('[global flags] <command> [flags] [arguments]')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .addHelpText('beforeAll', `${deps.programName} ${deps.version}\n`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      getOutHasColors: () => deps.stdout.isTTY,
      getErrHasColors: () => deps.stderr.isTTY,
    })
  addGlobalOptions(program)
  return program
}

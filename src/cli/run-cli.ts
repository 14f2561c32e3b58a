import type { Command } from 'commander'
import { CommanderError } from 'commander'
import type { Connection } from '../client/connect.ts'
import { nearestName } from '../lib/nearest-name.ts'
import { findVerb, rewriteGoFlags, splitRemoteCommand, verbIndex } from './arguments.ts'
import type { CliDeps, GlobalOptions, World } from './deps.ts'
import { fleetVerbs, unknownFleetCommand } from './fleet-commands.ts'
import { readGlobals } from './global-options.ts'
import { printError } from './print-error.ts'
import { completeVerb } from './hidden-verbs.ts'
import { baseProgram, buildProgram, verbNames } from './program.ts'
import { ForgivenError, UsageError, forgivenCode, isStrictCompat } from './strict-compat.ts'

const usageErrorCode = 2

export type { World } from './deps.ts'

/** Runs one command line and gives its exit code: 0 done, 1 failed, 2 not understood; `ssh`, `status` and `journal` pass theirs on. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  const session = new CliSession(world)
  try {
    return await session.run(argv)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 || isStrictCompat(world) ? 0 : usageErrorCode
    await printError(world, error)
    if (error instanceof UsageError) return isStrictCompat(world) ? 0 : usageErrorCode
    return error instanceof ForgivenError ? forgivenCode(world) : 1
  } finally {
    session.close()
  }
}

class CliSession {
  readonly #world: World
  readonly #deps: CliDeps
  #remoteCommand: readonly string[] = []
  #connection: Promise<Connection> | undefined
  #globals: GlobalOptions | undefined
  #exitCode = 0

  constructor(world: World) {
    this.#world = world
    this.#deps = {
      ...world,
      remoteCommand: () => this.#remoteCommand,
      globals: () => this.#globals ?? readGlobals({}, world.env),
      connect: () => (this.#connection ??= this.#connect()),
      setExitCode: (code) => {
        this.#exitCode = code
      },
    }
  }

  async run(words: readonly string[]): Promise<number> {
    if (words[0] === '--version' || words[0] === '-v') return this.run(['version'])
    const argv = withoutVersionFlag(words)
    const at = verbIndex(argv, baseProgram(this.#deps).options)
    const word = argv[at] === '' ? undefined : argv[at]
    const verb = word === undefined ? undefined : this.#toVerb(word)
    const topic = verb === 'help' && argv[at + 1] !== undefined ? this.#toVerb(argv[at + 1] ?? '') : verb
    const program = await buildProgram(this.#deps, topic === completeVerb ? 'all' : topic)
    if (verb === undefined) {
      checkFlags(argv, program)
      program.outputHelp()
      return 0
    }
    // fleetctl passes over what a command has no use for.
    if (this.#world.programName === 'fleetctl') for (const one of program.commands) one.allowExcessArguments()
    program.hook('preAction', (main) => {
      this.#globals = readGlobals(main.opts(), this.#world.env)
    })
    const args = topic === verb ? argv.with(at, verb) : [topic ?? '', '--help']
    await program.parseAsync([...this.#understood(args, at, program)], { from: 'user' })
    return this.#exitCode
  }

  #toVerb(word: string): string {
    return this.#world.programName === 'fleetctl' ? toFleetVerb(word) : toVerb(word)
  }

  /** The arguments in commander's forms, without what belongs to a remote command. */
  #understood(args: readonly string[], at: number, program: Command): readonly string[] {
    const command = program.commands.find((one) => one.name() === args[at])
    const known = [...program.options, ...(command?.options ?? [])]
    // The line to complete may say which cluster is meant.
    if (args[at] === completeVerb) program.parseOptions([...args.slice(at + 2)])
    if (args[at] !== 'ssh') return rewriteGoFlags(args, known)
    const split = splitRemoteCommand(args, at, known)
    this.#remoteCommand = split.remoteCommand
    return rewriteGoFlags(split.args, known)
  }

  close(): void {
    this.#connection?.then(
      ({ client }) => client.close(),
      () => {},
    )
  }

  async #connect(): Promise<Connection> {
    const { openConnection } = await import('./open-connection.ts')
    return openConnection(this.#world, this.#deps.globals())
  }
}

/** Without a command there is nobody else to say that a flag means nothing. */
function checkFlags(argv: readonly string[], program: Command): void {
  const { unknown } = program.parseOptions([...rewriteGoFlags(argv, program.options)])
  const flag = unknown.find((word) => word.startsWith('-') && word !== '--help' && word !== '-h')
  if (flag === undefined) return
  throw new UsageError('invalid_argument', `unknown flag: ${flag}`, { hint: 'The option --help lists all flags' })
}

/** Anywhere but at the front fleetctl takes the flag and does nothing about it. What follows `ssh` may be meant for another program. */
function withoutVersionFlag(words: readonly string[]): readonly string[] {
  const ssh = words.indexOf('ssh')
  return words.filter((word, at) => (ssh !== -1 && at > ssh) || !/^--version(=|$)/.test(word))
}

/** Flota's own verbs are written out where the name is fleetctl, so that every beginning of a word goes on meaning what it did. */
function toFleetVerb(word: string): string {
  if (verbNames.includes(word)) return word
  const [verb, ...others] = word === '' ? [] : fleetVerbs.filter((name) => name.startsWith(word))
  if (verb === undefined || others.length > 0) throw unknownFleetCommand(word)
  return verb
}

function toVerb(word: string): string {
  const verb = findVerb(word, verbNames)
  if (verb !== undefined) return verb
  const meant = nearestName(word, verbNames)
  throw new UsageError('invalid_argument', `unknown command "${word}"`, {
    hint: `${meant === undefined ? '' : `Did you mean '${meant}'? `}The option --help lists all commands`,
  })
}

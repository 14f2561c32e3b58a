import type { Connection } from '../client/connect.ts'
import type { Clock } from '../lib/clock.ts'

/** Where a verb writes: a stream of the process, or a test's buffer. */
export interface Output {
  write(text: string): void
  /** True on a terminal: colours and moving progress are for people only. */
  readonly isTTY: boolean
}

export type Env = Readonly<Record<string, string | undefined>>

/** The flags that every verb takes, before or after its name. */
export interface GlobalOptions {
  readonly endpoint?: string
  readonly tunnel?: string
  readonly context?: string
  readonly sshUsername: string
  readonly sshTimeout: number
  readonly strictHostKeyChecking: boolean
  readonly knownHostsFile?: string
  readonly requestTimeout: number
  readonly insecure: boolean
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly debug: boolean
}

/** The world as a verb sees it. Every verb file exports `registerX(program: Command, deps: CliDeps): void`. */
export interface CliDeps {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly env: Env
  readonly cwd: string
  readonly clock: Clock
  readonly version: string
  /** `flota`, or `fleetctl` when called by that name. */
  readonly programName: string
  /** `flota ssh MACHINE CMD...`: everything after the machine, as typed; never parsed as flags of ours. */
  remoteCommand(): readonly string[]
  /** The flags that every verb takes, with the environment's word where a flag is missing. Known once the verb runs. */
  globals(): GlobalOptions
  /** The cluster's API by those flags and the current context. Closed when the verb is done. */
  connect(): Promise<Connection>
  /** This machine's own id; undefined where it has none. */
  localMachineId(): Promise<string | undefined>
  /** Runs a program with the user's own standard streams and gives its exit code. */
  run(program: string, args: readonly string[]): Promise<number>
  /** Aborts on Ctrl-C or SIGTERM from the first call on; a verb that never asks is simply ended by them. */
  interrupted(): AbortSignal
  /** What the process will exit with when the verb is done; 0 unless set. Throwing a FlotaError prints it and gives 1. */
  setExitCode(code: number): void
}

/** The parts of a verb's world that the process gives; the rest comes from the arguments. */
export type World = Omit<CliDeps, 'globals' | 'connect' | 'remoteCommand' | 'setExitCode'>

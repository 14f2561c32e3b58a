import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { World } from '../../src/cli/deps.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { realClock } from '../../src/lib/clock.ts'
import type { InProcessCluster } from './in-process-cluster.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The command line against a cluster of this process, over a unix socket, in a folder of its own. */
export class CommandLine {
  readonly folder: string
  /** What would have been run with the user's terminal: program and arguments. */
  readonly commands: (readonly string[])[] = []
  commandCode = 0
  readonly #socket: string

  private constructor(folder: string) {
    this.folder = folder
    this.#socket = join(folder, 'fleet.sock')
  }

  static async open(cluster: InProcessCluster): Promise<CommandLine> {
    const line = new CommandLine(await mkdtemp(join(tmpdir(), 'flota-cli-')))
    await cluster.api.listen({ path: line.#socket })
    return line
  }

  async run(argv: readonly string[], more: Partial<World> = {}): Promise<Ran> {
    let [stdout, stderr] = ['', '']
    const code = await runCli(argv, {
      stdout: { write: (text) => void (stdout += text), isTTY: false },
      stderr: { write: (text) => void (stderr += text), isTTY: false },
      stdin: new PassThrough(),
      env: { HOME: this.folder, XDG_RUNTIME_DIR: this.folder, FLEETCTL_ENDPOINT: `unix://${this.#socket}` },
      cwd: this.folder,
      clock: realClock,
      version: '1.2.3',
      programName: 'fleetctl',
      run: (program, args) => {
        this.commands.push([program, ...args])
        return Promise.resolve(this.commandCode)
      },
      interrupted: () => new AbortController().signal,
      localMachineId: () => Promise.resolve(undefined),
      ...more,
    })
    return { code, stdout, stderr }
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'

const root = new URL('../..', import.meta.url).pathname

/** A program of its own made from a TypeScript file of the project, for tests that kill or stop it. */
export interface ChildProgram {
  readonly start: (...args: readonly string[]) => Child
  /** Kills what still runs and removes the program. */
  readonly dispose: () => Promise<void>
}

export interface Child {
  readonly send: (line: string) => void
  readonly signal: (signal: NodeJS.Signals) => void
  /** Lines so far. */
  readonly lines: readonly string[]
  readonly onLine: (listener: (line: string) => void) => void
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>
}

export async function buildChild(entry: string): Promise<ChildProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'flota-child-'))
  const outfile = join(directory, 'child.mjs')
  const banner =
    "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['classic-level'],
    banner: { js: banner },
    logLevel: 'warning',
  })
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  const running: Child[] = []
  return {
    start: (...args) => {
      const child = toChild(spawn(process.execPath, [outfile, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }))
      running.push(child)
      return child
    },
    dispose: async () => {
      for (const child of running) child.signal('SIGKILL')
      await Promise.all(running.map(({ ended }) => ended))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function toChild(spawned: ChildProcessWithoutNullStreams): Child {
  const lines: string[] = []
  const listeners: ((line: string) => void)[] = []
  createInterface(spawned.stdout).on('line', (line) => {
    lines.push(line)
    for (const listener of listeners) listener(line)
  })
  spawned.stderr.pipe(process.stderr)
  spawned.stdin.on('error', () => {})
  return {
    send: (line) => spawned.stdin.write(`${line}\n`),
    signal: (signal) => spawned.kill(signal),
    lines,
    onLine: (listener) => listeners.push(listener),
    ended: new Promise((resolve) => spawned.once('close', () => resolve())),
  }
}

import { spawn } from 'node:child_process'

const root = new URL('../..', import.meta.url).pathname

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly withinMs?: number
}

/** Runs a program in the project's folder and tells how it ended. Rejects only when it cannot be started or outlives its time. */
export function run(
  command: string,
  args: readonly string[],
  { input, env, withinMs = 60_000 }: RunOptions = {},
): Promise<Outcome> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      timeout: withinMs,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL')
        reject(new Error(`${command} ${args.join(' ')} took over ${withinMs} ms\n${stdout}\n${stderr}`))
      else resolve({ code: code ?? -1, stdout, stderr, ms: performance.now() - started })
    })
    child.stdin.end(input ?? '')
  })
}

/** The command line as a user has it, talking to the cluster of this test run. */
export const flota = (args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
  run(process.execPath, ['bin/flota.js', ...args], options)

/** The same, and it must end well. */
export async function flotaOk(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await flota(args, options)
  if (code !== 0) throw new Error(`flota ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/** Looks every 100 ms until `look` gives something, and says what it saw last when time is over. */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined>, withinMs: number): Promise<T> {
  const deadline = performance.now() + withinMs
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`waited ${withinMs} ms for ${what}`, { cause: last })
}

import { spawn } from 'node:child_process'
import { FlotaError } from '../../lib/errors.ts'

export interface RunOptions {
  readonly input?: string
  readonly signal?: AbortSignal
  readonly env?: Readonly<Record<string, string>>
}

export interface RunResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command of the host to its end, never through a shell. Rejects only when it cannot be started or is aborted. */
export async function tryRun(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, signal, env } = options
  const [file = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // Some commands put off a SIGTERM until their own children end.
      ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' as const }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', (cause) => reject(notStarted(file, cause)))
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** Like `tryRun`, but a command that fails is an error with its last words. Gives its standard output. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryRun(command, options)
  if (code === 0) return stdout
  const words = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-3).join('; ')
  throw new FlotaError('internal', `Cannot run '${command.slice(0, 4).join(' ')}': exit code ${code}: ${words}`)
}

function notStarted(file: string, cause: Error): Error {
  if (cause.name === 'AbortError') return cause
  return new FlotaError('failed_precondition', `Cannot run '${file}': ${cause.message}`, {
    cause,
    hint: 'Run npm run prestart, which installs what is missing on this host',
  })
}

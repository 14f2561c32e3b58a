import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { realClock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Output, World } from './deps.ts'
import { runCli } from './run-cli.ts'
import { readVersion } from './version.ts'

function toOutput(stream: NodeJS.WriteStream): Output {
  // The reader of a pipe may be gone (`flota list-units | head`): then there is nobody to tell.
  stream.on('error', () => process.exit(1))
  return { write: (text) => void stream.write(text), isTTY: stream.isTTY }
}

function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.on('error', (cause) =>
      reject(new FlotaError('unavailable', `Cannot run '${program}': ${cause.message}`, { cause })),
    )
    // A shell's own rule: 128 and the signal's number; which one does not matter here.
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
}

let interrupted: AbortController | undefined

function onInterrupt(): AbortSignal {
  if (interrupted === undefined) {
    const controller = new AbortController()
    interrupted = controller
    const abort = () => controller.abort(new FlotaError('deadline_exceeded', 'Interrupted'))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, abort)
  }
  return interrupted.signal
}

const world: World = {
  stdout: toOutput(process.stdout),
  stderr: toOutput(process.stderr),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  clock: realClock,
  version: readVersion(),
  programName: basename(process.argv[1] ?? 'flota').startsWith('fleetctl') ? 'fleetctl' : 'flota',
  run,
  interrupted: onInterrupt,
  localMachineId: async () =>
    readFile('/etc/machine-id', 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    ),
}

process.exitCode = await runCli(process.argv.slice(2), world)

import { spawn } from 'node:child_process'
import type { Context } from '../client/context.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import { accepts } from './local/host-service.ts'
import { tryRun } from './local/run.ts'
import { sshCommand } from './ssh-command.ts'

export interface ReadyOptions {
  readonly context: Context
  readonly clock: Clock
  readonly signal: AbortSignal
}

const bootWithinMs = 60_000
const joinWithinMs = 120_000

/** Resolves when the machine's SSH server answers. */
export async function waitForSsh(address: string, options: ReadyOptions & { readonly console: string }): Promise<void> {
  const { clock, signal, console } = options
  const deadline = clock.nowMs() + bootWithinMs
  while (!(await accepts(address, 22))) {
    signal.throwIfAborted()
    if (clock.nowMs() > deadline) {
      throw new FlotaError(
        'deadline_exceeded',
        `Cannot reach machine '${address}': its SSH server did not answer in time`,
        {
          hint: `What it printed while booting is in ${console}`,
        },
      )
    }
    await clock.sleep(50, signal)
  }
}

/** Runs in the machine: prints how many machines its API shows each time that changes, until there are as many as asked for. */
const countScript = `
last=none
while :; do
  shown=$(curl --silent --max-time 5 --unix-socket /run/fleet.sock http://localhost/fleet/v1/machines | grep -o '"id"' | wc -l)
  [ "$shown" = "$last" ] || echo "$shown"
  last=$shown
  [ "$shown" -ge "$WANTED" ] && exit 0
  sleep 0.2
done
`

/** Resolves when the API of the machine at `address` shows that many machines. */
export async function waitForMachines(address: string, wanted: number, options: ReadyOptions): Promise<void> {
  const { context, signal } = options
  const timeout = AbortSignal.timeout(joinWithinMs)
  const [file = '', ...args] = sshCommand(context, address, ['env', `WANTED=${wanted}`, 'sh', '-s'])
  const { code, last, errors } = await runScript([file, ...args], AbortSignal.any([signal, timeout]))
  signal.throwIfAborted()
  if (code === 0) return
  const why = timeout.aborted ? `its API shows ${last === '' ? 'none' : last} after ${joinWithinMs / 1000} s` : errors
  throw new FlotaError('deadline_exceeded', `Cannot see all ${wanted} machines on '${address}': ${why}`, {
    hint: await lastWords(address, options),
  })
}

interface ScriptEnd {
  readonly code: number
  /** The last line it printed. */
  readonly last: string
  readonly errors: string
}

async function runScript([file = '', ...args]: readonly string[], signal: AbortSignal): Promise<ScriptEnd> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], signal })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', (error) => (stderr += error.message))
    child.on('close', (code) =>
      resolve({ code: code ?? 1, last: stdout.trim().split('\n').at(-1) ?? '', errors: stderr.trim() }),
    )
    child.stdin.on('error', () => {}).end(countScript)
  })
}

/** The newest lines of the services that should have come up, for the person who has to find out why they did not. */
async function lastWords(address: string, { context }: ReadyOptions): Promise<string> {
  const units = ['flota-cloud-config', 'etcd2', 'fleet'].flatMap((unit) => ['-u', unit])
  const { stdout } = await tryRun(sshCommand(context, address, ['journalctl', '-q', '-n', '12', '-o', 'cat', ...units]))
  return stdout.trim() === ''
    ? `Log in with: flota ssh to ${address}`
    : `The machine's journal ends with:\n${stdout.trim()}`
}

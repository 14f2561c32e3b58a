import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import { FlotaError } from '../../lib/errors.ts'
import { endProcess, findByArgument } from './processes.ts'

/** A program of the cluster on the host. It outlives this process, and is found again by an argument that only it has. */
export interface HostService {
  readonly name: string
  readonly command: readonly string[]
  /** One word of the command: a path in the cluster's folder. */
  readonly mark: string
  readonly address: string
  readonly port: number
  readonly log: string
}

const startWithinMs = 10_000

/** Starts it unless it runs; resolves when it accepts connections. */
export async function ensureService(
  service: HostService,
  options: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { clock, signal } = options
  const { name, mark, address, port, log } = service
  if ((await findByArgument(mark)).length === 0) await launch(service)
  const deadline = clock.nowMs() + startWithinMs
  while (!(await accepts(address, port))) {
    signal.throwIfAborted()
    if (clock.nowMs() > deadline || (await findByArgument(mark)).length === 0) {
      const words = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join('; ')
      throw new FlotaError('unavailable', `Cannot start the ${name} on '${address}:${port}': ${words}`, {
        hint: `Its whole log is in ${log}`,
      })
    }
    await clock.sleep(20, signal)
  }
}

export async function stopService(mark: string, clock: Clock): Promise<void> {
  for (const ref of await findByArgument(mark)) await endProcess(ref, { graceMs: 2_000, clock })
}

async function launch({ command, log }: HostService): Promise<void> {
  const [file = '', ...args] = command
  const output = await open(log, 'a')
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(file, args, { detached: true, cwd: '/', stdio: ['ignore', output.fd, output.fd] })
      child.on('error', reject)
      child.on('spawn', resolve)
      child.unref()
    })
  } finally {
    await output.close()
  }
}

/** True when something listens there. */
export async function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1_000 })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => end(true))
    socket.on('timeout', () => end(false))
    socket.on('error', () => end(false))
  })
}

/** The first of twenty ports from `first` on that nobody listens on at this address. */
export async function freePort(address: string, first: number): Promise<number> {
  for (let port = first; port < first + 20; port++) if (await canListen(address, port)) return port
  throw new FlotaError(
    'already_exists',
    `Cannot listen on '${address}': the ports ${first} to ${first + 19} are all taken`,
    {
      hint: 'End what listens there: ss -ltnp shows it',
    },
  )
}

async function canListen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

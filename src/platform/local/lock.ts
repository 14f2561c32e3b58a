import { connect, createServer } from 'node:net'
import { FlotaError } from '../../lib/errors.ts'

export interface Lock {
  release(): void
}

/**
 * Holds the cluster for this process: a second `up` or `down` is refused. It is a socket in the abstract name space (unix(7)), so the
 * kernel gives it back however the holder ends; no file can be left behind.
 */
export async function lockCluster(bridge: string): Promise<Lock> {
  const lock = await tryLock(bridge)
  if (lock !== undefined) return lock
  const pid = await holder(pathOf(bridge))
  throw new FlotaError('failed_precondition', `Cannot work on the cluster: another flota (process ${pid}) is at it`, {
    hint: 'Wait for it to end',
  })
}

/** Undefined when somebody holds it. */
export async function tryLock(name: string): Promise<Lock | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(`${process.pid}`))
    server.on('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen({ path: pathOf(name) }, () => {
      server.unref()
      resolve({ release: () => server.close() })
    })
  })
}

const pathOf = (name: string): string => `\0flota/${name}`

async function holder(path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ path, timeout: 1_000 })
    socket.setEncoding('utf8').on('data', (data: string) => (text += data))
    socket.on('close', () => resolve(text === '' ? 'unknown' : text))
    socket.on('error', () => {})
    socket.on('timeout', () => socket.destroy())
  })
}

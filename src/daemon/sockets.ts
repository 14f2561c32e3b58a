import { chmod, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FlotaError } from '../lib/errors.ts'

/** First descriptor of socket activation (sd_listen_fds(3)). */
const firstDescriptor = 3

/** Where the API listens when it was not started by its socket. */
export const defaultSocket = '/run/fleet.sock'

type Place = { readonly fd: number } | { readonly path: string }

/** The sockets that systemd hands over (fleet.socket), else the default one, for root and its group only. */
export function socketsToServe(env: Readonly<Record<string, string | undefined>>, pid: number): readonly Place[] {
  const count = Number(env['LISTEN_FDS'] ?? '0')
  if (env['LISTEN_PID'] !== String(pid) || !(count > 0)) return [{ path: defaultSocket }]
  return Array.from({ length: count }, (_, index) => ({ fd: firstDescriptor + index }))
}

export interface ApiServer {
  /** Addresses on which anybody in the network reaches the API, such as 0.0.0.0:49153: somebody wrote a `ListenStream=` for it. */
  readonly openAddresses: readonly string[]
  close(): Promise<void>
}

/** Serves requests on each place until `close`. Errors: `unavailable` naming the place. */
export async function serveOn(places: readonly Place[], onRequest: RequestListener): Promise<ApiServer> {
  const servers = await Promise.all(places.map((place) => listen(place, onRequest)))
  return {
    openAddresses: servers.flatMap((server) => toOpenAddresses(server.address())).toSorted(),
    close: async () => {
      await Promise.all(servers.map(closeServer))
    },
  }
}

async function listen(place: Place, onRequest: RequestListener): Promise<Server> {
  if ('path' in place) await rm(place.path, { force: true })
  const server = createServer(onRequest)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const name = 'path' in place ? place.path : `descriptor ${place.fd}`
      reject(new FlotaError('unavailable', `Cannot serve the API on '${name}'`, { cause }))
    })
    server.listen(place, resolve)
  })
  if ('path' in place) await chmod(place.path, 0o660)
  return server
}

/** `bound` is what `server.address()` says; a unix socket is nobody's but this machine's. */
export function toOpenAddresses(bound: AddressInfo | string | null): readonly string[] {
  if (typeof bound !== 'object' || !bound) return []
  const { address, port, family } = bound
  return [family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`]
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

import { createServer, connect, type Server, type Socket } from 'node:net'

export type Direction = 'to-server' | 'to-client' | 'both'

/** A TCP proxy that breaks on demand: real network faults without root. */
export interface FaultProxy {
  /** As the target's, with the proxy's own port. */
  readonly url: string
  /** Resets every connection and refuses new ones until `resume`. */
  readonly cut: () => void
  /** Swallows what goes in one direction or both, on old and new connections, until `resume`; nothing is lost, as in TCP. */
  readonly pause: (direction: Direction) => void
  readonly resume: () => void
  readonly close: () => Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  const target = new URL(targetUrl)
  const pairs = new Set<Pair>()
  const faults = { isCut: false, toServer: false, toClient: false }

  const apply = ({ client, server }: Pair) => {
    if (faults.toServer) client.pause()
    else client.resume()
    if (faults.toClient) server.pause()
    else server.resume()
  }
  const accept = (client: Socket) => {
    if (faults.isCut) {
      client.resetAndDestroy()
      return
    }
    const pair = { client, server: connect(Number(target.port), target.hostname) }
    pairs.add(pair)
    forward(pair.client, pair.server)
    forward(pair.server, pair.client)
    pair.client.once('close', () => pairs.delete(pair))
    apply(pair)
  }
  const destroyAll = () => {
    for (const { client, server } of pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    pairs.clear()
  }

  const listener = createServer(accept)
  const port = await listen(listener)
  return {
    url: `${target.protocol}//127.0.0.1:${port}`,
    cut: () => {
      faults.isCut = true
      destroyAll()
    },
    pause: (direction) => {
      faults.toServer = direction !== 'to-client'
      faults.toClient = direction !== 'to-server'
      for (const pair of pairs) apply(pair)
    },
    resume: () => {
      Object.assign(faults, { isCut: false, toServer: false, toClient: false })
      for (const pair of pairs) apply(pair)
    },
    close: async () => {
      destroyAll()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

/** By hand instead of `pipe`, which would resume what is paused. */
function forward(from: Socket, to: Socket): void {
  from.on('data', (chunk) => to.write(chunk))
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

async function listen(listener: Server): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no address')
  return address.port
}

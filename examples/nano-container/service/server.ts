import { readFileSync, realpathSync } from 'node:fs'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import { createSecureServer } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Server } from 'node:net'
import { hostname } from 'node:os'
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { servedBy } from './served-by.ts'

/** The sample service: any path answers this. The layout, closing brace included, is the original service's. */
export const body = `{
    "platform": "docker",
    "language": "typescript",
    "result": "bazinga!"
    }`

export interface NanoOptions {
  readonly cert: Buffer
  readonly key: Buffer
  readonly servedBy: string
  readonly log: (line: string) => void
  /** How long an idle HTTP/1.1 connection may stay open after `stop`: longer than a balancer keeps its own idle ones (4 s). */
  readonly idleMs?: number
}

export interface Nano {
  /** On all addresses unless one is given. */
  listen(port: number, address?: string): Promise<AddressInfo>
  /**
   * No new connection; what is in flight is finished. Open HTTP/1.1 connections still answer, with "Connection: close", so that a
   * request which meets the stop half-way is not cut. Resolves when the last connection is gone.
   */
  stop(): Promise<void>
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

export function createNano({ cert, key, servedBy: server, log, idleMs = 4_500 }: NanoOptions): Nano {
  const service = createSecureServer({ cert, key, allowHTTP1: true })
  const connections = new Connections(service)
  service.on('request', (request: Request, response: Response) => {
    log(`Remote address: ${remoteOf(request)}, Protocol: HTTP/${request.httpVersion}`)
    connections.began(request, response)
    request.resume()
    request.on('end', () => answer(response, { server, isLast: connections.isStopping && isHttp1(request) }))
  })
  return {
    listen: (port, address) => listen(service, { port, host: address }),
    stop: () => connections.stop(idleMs),
  }
}

function answer(response: Response, { server, isLast }: { server: string; isLast: boolean }): void {
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-served-by': server,
    ...(isLast ? { connection: 'close' } : {}),
  }
  response.writeHead(200, headers)
  response.end(body)
}

function listen(service: Http2SecureServer, where: { port: number; host: string | undefined }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    service.once('error', reject)
    service.listen(where, () => resolve(service.address() as AddressInfo))
  })
}

/** Knows which connections are open and which of them are busy, so that a stop closes the idle ones and cuts none. */
class Connections {
  isStopping = false
  readonly #service: Http2SecureServer
  readonly #sessions = new Set<ServerHttp2Session>()
  /** Open HTTP/1.1 connections and how many requests each is answering. */
  readonly #sockets = new Map<Socket, number>()

  constructor(service: Http2SecureServer) {
    this.#service = service
    service.on('session', (session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
    })
    service.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') return
      this.#sockets.set(socket, 0)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  began(request: Request, response: Response): void {
    if (!isHttp1(request)) return
    const { socket } = request
    this.#sockets.set(socket, (this.#sockets.get(socket) ?? 0) + 1)
    response.once('close', () => this.#ended(socket))
  }

  async stop(idleMs: number): Promise<void> {
    this.isStopping = true
    // The service's own close() would cut idle HTTP/1.1 connections at once, with a balancer's next request already on the way.
    const closed = new Promise<void>((resolve) => Server.prototype.close.call(this.#service, () => resolve()))
    for (const session of this.#sessions) session.close()
    const timer = setTimeout(() => this.#closeIdle(), idleMs)
    await closed
    clearTimeout(timer)
  }

  #ended(socket: Socket): void {
    const busy = this.#sockets.get(socket)
    if (busy !== undefined) this.#sockets.set(socket, busy - 1)
  }

  #closeIdle(): void {
    for (const [socket, busy] of this.#sockets) if (busy === 0) socket.end()
  }
}

function isHttp1(request: Request): request is IncomingMessage {
  return request.httpVersionMajor === 1
}

function remoteOf(request: Request): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
  return `${remoteAddress.replace(/^::ffff:/, '')}:${remotePort}`
}

/** As process 1 of a container: the certificate lies beside the program, docker's ten seconds bound the stop. */
async function main(): Promise<void> {
  const beside = (name: string) => readFileSync(new URL(name, import.meta.url))
  const nano = createNano({
    cert: beside('cert.pem'),
    key: beside('key.pem'),
    servedBy: servedBy(readFileSync('/etc/hosts', 'utf8'), hostname()),
    log: (line) => console.log(line),
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void nano.stop().then(() => process.exit(0)))
  const { port } = await nano.listen(Number(process.env['PORT'] ?? 8443))
  console.log(`Serving on port ${port}`)
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main()

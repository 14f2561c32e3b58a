import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIPv6, type AddressInfo } from 'node:net'
import type { Clock } from '../lib/clock.ts'
import { describeError, FlotaError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { patience } from './patience.ts'
import { Registry } from './registry.ts'
import { answerDiscovery, type DiscoveryAnswer, type DiscoveryService } from './service.ts'

export interface DiscoveryServerOptions {
  /** `ADDR:PORT`; port 0 takes a free one. */
  readonly listen: string
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Log
}

export interface DiscoveryServer {
  /** `http://ADDR:PORT`, ready for requests. */
  readonly url: string
  /** Ends the long polls with an empty answer, then the server. */
  close(): Promise<void>
}

const ttlMs = 7 * 24 * 3_600_000
const sweepEveryMs = 3_600_000
/** Below the minute after which proxies cut a silent connection. */
const longPollMs = 25_000
const maxBodyBytes = 16_384
const tooLarge = new FlotaError('invalid_argument', `a body of more than ${maxBodyBytes} bytes`)

export async function serveDiscovery(options: DiscoveryServerOptions): Promise<DiscoveryServer> {
  const { listen, dataDir, clock, log } = options
  const address = parseListen(listen)
  const registry = await Registry.open({ dir: dataDir, clock, ttlMs })
  const closing = new AbortController()
  const server = createServer((request, response) => {
    void respond({ registry, log, clock, closing: closing.signal }, request, response)
  })
  // A registration is a PUT, which clients do not repeat by themselves when a kept connection has just been closed.
  server.keepAliveTimeout = 75_000
  try {
    await listenOn(server, address)
  } catch (error) {
    await registry.close()
    throw error
  }
  const sweeping = sweepForever(registry, { clock, log, signal: closing.signal })
  return {
    url: toUrl(server.address() as AddressInfo),
    close: async () => {
      closing.abort()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      })
      await sweeping
      await registry.close()
    },
  }
}

interface Address {
  readonly host: string
  readonly port: number
}

function parseListen(listen: string): Address {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(listen) ?? []
  const bare = host?.replace(/^\[(.*)\]$/, '$1')
  if (bare === undefined || Number(port) > 65_535) {
    throw new FlotaError('invalid_argument', `Cannot listen on '${listen}': an address and a port are expected`, {
      hint: 'for example --listen 127.0.0.1:8087',
    })
  }
  return { host: bare, port: Number(port) }
}

function listenOn(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Cannot listen on '${host}:${port}'`
      reject(new FlotaError('failed_precondition', message, { cause, hint: 'choose another one with --listen' }))
    })
    server.listen(port, host, resolve)
  })
}

const toUrl = ({ address, port }: AddressInfo): string => `http://${isIPv6(address) ? `[${address}]` : address}:${port}`

interface Serving extends DiscoveryService {
  readonly clock: Clock
  readonly closing: AbortSignal
}

async function respond(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const ended = new AbortController()
  response.once('close', () => ended.abort())
  const answer = await answerOrError(serving, request, AbortSignal.any([ended.signal, serving.closing]))
  if (response.destroyed) return
  const { status, contentType, body, index } = answer
  const connection = serving.closing.aborted ? { connection: 'close' } : {}
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-etcd-index': index,
    ...connection,
  })
  response.end(body)
}

async function answerOrError(
  { clock, ...service }: Serving,
  request: IncomingMessage,
  ended: AbortSignal,
): Promise<DiscoveryAnswer> {
  const { method = 'GET' } = request
  const { pathname, searchParams } = parseTarget(request.url ?? '/')
  const finished = new AbortController()
  try {
    const form = new URLSearchParams(await readBody(request))
    const signal = patience(clock, longPollMs, AbortSignal.any([ended, finished.signal]))
    const origin = `http://${originHost(request)}`
    return await answerDiscovery(service, { method, path: pathname, query: searchParams, form, origin, signal })
  } catch (error) {
    const { index } = service.registry
    if (error === tooLarge)
      return { status: 413, contentType: 'text/plain; charset=utf-8', body: tooLarge.message, index }
    if (!ended.aborted) service.log.error('Discovery request failed', { method, path: pathname, error })
    const body = JSON.stringify({ errorCode: 300, message: 'Raft Internal Error', cause: describeError(error), index })
    return { status: 500, contentType: 'application/json', body, index }
  } finally {
    finished.abort()
  }
}

/** A target like `//a` or `http://b/c` must neither throw nor choose a host. */
function parseTarget(target: string): Pick<URL, 'pathname' | 'searchParams'> {
  const [pathname = '', query = ''] = target.split('#')[0]?.split(/\?(.*)/s) ?? []
  return { pathname, searchParams: new URLSearchParams(query) }
}

/** The host as the client wrote it when it can stand in a URL, else the address that it reached. */
function originHost({ headers: { host = '' }, socket }: IncomingMessage): string {
  if (/^[\w.:[\]-]+$/.test(host)) return host
  const { localAddress = '127.0.0.1', localPort = 80 } = socket
  return `${isIPv6(localAddress) ? `[${localAddress}]` : localAddress}:${localPort}`
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBodyBytes) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface SweepOptions {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

async function sweepForever(registry: Registry, { clock, log, signal }: SweepOptions): Promise<void> {
  while (!signal.aborted) {
    await registry.sweep().catch((error: unknown) => log.warn('Old tokens not forgotten, trying again', { error }))
    await clock.sleep(sweepEveryMs, signal).catch(() => {})
  }
}

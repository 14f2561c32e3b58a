import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { errorBody } from '../api/errors.ts'
import type { ApiClient } from './api-client.ts'
import { FlotaError, describeError } from '../lib/errors.ts'

export interface LoopbackAddress {
  readonly host: string
  readonly port: number
}

export interface Proxy {
  readonly url: string
  close(): Promise<void>
}

/** `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`: whoever reaches the port is let in, so it is for this machine only. */
export function parseLoopback(text: string): LoopbackAddress {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (port === '' || Number(port) > 65_535) {
    throw new FlotaError('invalid_argument', `Cannot listen on '${text}': it is not ADDRESS:PORT`, {
      hint: 'For example --listen 127.0.0.1:8080',
    })
  }
  if (bare !== 'localhost' && bare !== '::1' && !/^127(\.\d{1,3}){3}$/.test(bare)) {
    throw new FlotaError('invalid_argument', `Cannot listen on '${text}': it is no loopback address`, {
      hint: 'The API is open to whoever reaches this port; use 127.0.0.1, and SSH from elsewhere',
    })
  }
  return { host: bare, port: Number(port) }
}

/** Hands every request on to the cluster, over whatever way the client has. */
export async function serveProxy(client: ApiClient, { host, port }: LoopbackAddress): Promise<Proxy> {
  const server = createServer((request, response) => {
    answer(client, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else reply(response, 502, describeError(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(host, port, cause)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const listening = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(client: ApiClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A page from elsewhere whose name was made to point here would come with that name: nobody but loopback names is served.
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
    reply(response, 403, 'only requests to a loopback address are answered')
    return
  }
  const body = await bodyOf(request)
  const contentType = request.headers['content-type']
  const result = await client.send({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    ...(contentType === undefined ? {} : { headers: { 'Content-Type': contentType } }),
    ...(body === '' ? {} : { body }),
  })
  for (const name of ['content-type', 'server']) {
    const value = result.headers[name]
    if (typeof value === 'string') response.setHeader(name, value)
  }
  response.writeHead(result.status).end(result.body)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

function reply(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(errorBody(status, message)))
}

function cannotListen(host: string, port: number, cause: Error): FlotaError {
  const isTaken = 'code' in cause && cause.code === 'EADDRINUSE'
  return new FlotaError(
    'unavailable',
    `Cannot listen on '${host}:${port}': ${isTaken ? 'the port is taken' : cause.message}`,
    {
      cause,
      hint: 'Choose another port, or 0 for any',
    },
  )
}

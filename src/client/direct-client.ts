import type { Agent } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { Clock } from '../lib/clock.ts'
import type { ApiAnswer, ApiClient, ApiRequest } from './api-client.ts'
import { exchange } from './exchange.ts'

export interface TlsFiles {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface DirectOptions {
  readonly clock: Clock
  readonly timeoutMs: number
}

/** The API on this machine's own socket. */
export function unixClient(path: string, options: DirectOptions): ApiClient {
  const agent = new http.Agent({ keepAlive: true })
  const hint = "'systemctl status fleet.service' tells more here; --tunnel or --context reaches another machine"
  return toClient({ agent, endpoint: `unix://${path}`, hint, ...options, target: { socketPath: path } })
}

/** The API on a TCP listener that somebody opened on purpose. */
export function urlClient(url: URL, options: DirectOptions & { readonly tls: TlsFiles }): ApiClient {
  const isTls = url.protocol === 'https:'
  const agent = isTls ? new https.Agent({ keepAlive: true, ...options.tls }) : new http.Agent({ keepAlive: true })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
  const hint = 'Check the address of --endpoint; a machine listens on TCP only where fleet.socket says so'
  return toClient({ agent, endpoint: url.origin, hint, ...options, target: { host, port, isTls } })
}

interface ClientParts extends DirectOptions {
  readonly agent: Agent
  readonly endpoint: string
  readonly hint: string
  readonly target: {
    readonly socketPath?: string
    readonly host?: string
    readonly port?: number
    readonly isTls?: boolean
  }
}

function toClient({ agent, endpoint, hint, clock, timeoutMs, target }: ClientParts): ApiClient {
  return {
    endpoint,
    send: (request: ApiRequest): Promise<ApiAnswer> =>
      exchange(request, { target: { ...target, agent }, endpoint, hint, clock, timeoutMs }),
    close: () => agent.destroy(),
  }
}

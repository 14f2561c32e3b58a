import type { Agent, IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { withDeadline } from '../api/deadline.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { ApiAnswer, ApiRequest } from './api-client.ts'

export interface ExchangeOptions {
  /** Where to: a socket path, a host and port, an agent of its own. */
  readonly target: RequestOptions & { readonly agent?: Agent; readonly isTls?: boolean }
  readonly endpoint: string
  readonly clock: Clock
  readonly timeoutMs: number
  readonly hint: string
}

/** One request and its whole answer over node:http. */
export function exchange(request: ApiRequest, options: ExchangeOptions): Promise<ApiAnswer> {
  const { clock, timeoutMs, endpoint } = options
  return withDeadline({ clock, withinMs: timeoutMs, what: `reach the API at '${endpoint}'` }, (signal) =>
    sendOnce(request, options, signal),
  )
}

function sendOnce(request: ApiRequest, options: ExchangeOptions, signal: AbortSignal): Promise<ApiAnswer> {
  const { isTls = false, ...target } = options.target
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(signal.aborted ? toError(signal.reason) : unreachableApi(error, options))
    const sent = (isTls ? https : http).request(
      { ...target, method: request.method, path: request.path, headers: headersOf(request) },
      (answer) => {
        answer.on('error', fail)
        collect(answer).then(resolve, fail)
      },
    )
    signal.addEventListener('abort', () => sent.destroy(toError(signal.reason)), { once: true })
    sent.on('error', fail)
    sent.end(request.body)
  })
}

function headersOf({ headers, body }: ApiRequest): Record<string, string> {
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  return { Host: 'flota', ...headers, ...length }
}

async function collect(answer: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(Buffer.from(chunk as Uint8Array))
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

const plainWords: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  EACCES: 'permission denied',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed without an answer',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'the name is not known',
}

function unreachableApi(error: Error, { endpoint, hint }: ExchangeOptions): FlotaError {
  if (error instanceof FlotaError) return error
  // Node's own words name the call and the address again: they are kept only where there are no plainer ones.
  const why = ('code' in error ? plainWords[String(error.code)] : undefined) ?? error.message
  return new FlotaError('unavailable', `Cannot reach the API at '${endpoint}': ${why}`, { hint })
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:http2'
import { Agent, request } from 'node:https'

export interface Answer {
  readonly status: number
  readonly body: string
  /** The header `x-served-by`. */
  readonly server: string
}

/** One client's connection, kept open. When the server closes it in good order the next request opens another; nothing is sent twice. */
export interface Connection {
  send(method: 'GET' | 'POST'): Promise<Answer>
  close(): void
}

const timeoutMs = 10_000
const input = '{"some":"input"}'

class TimeoutFailure extends Error {
  readonly code = 'timeout'
}

export function openHttp1(url: URL): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  const send = (method: 'GET' | 'POST') =>
    new Promise<Answer>((resolve, reject) => {
      const call = request(url, { method, agent }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        response.on('error', reject)
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            body,
            server: String(response.headers['x-served-by'] ?? 'unnamed'),
          })
        })
      })
      call.setTimeout(timeoutMs, () => call.destroy(new TimeoutFailure()))
      call.on('error', reject).end(method === 'POST' ? input : undefined)
    })
  return { send, close: () => agent.destroy() }
}

export function openHttp2(url: URL): Connection {
  let session: ClientHttp2Session | undefined
  const current = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    session = connect(url, { rejectUnauthorized: false })
    session.on('error', () => {}) // each stream tells it for itself
    return session
  }
  return { send: (method) => sendOn(current(), url, method), close: () => session?.close() }
}

function sendOn(session: ClientHttp2Session, url: URL, method: 'GET' | 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': url.pathname, ':method': method }, { endStream: method === 'GET' })
    let [status, server, body, isWhole] = [0, 'unnamed', '', false]
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0
      server = String(headers['x-served-by'] ?? server)
    })
    stream.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    stream.setTimeout(timeoutMs, () => reject(new TimeoutFailure()))
    stream.on('error', reject)
    stream.on('end', () => (isWhole = true))
    stream.on('close', () => {
      if (isWhole && status !== 0) resolve({ status, body, server })
      else reject(Object.assign(new Error('stream cut'), { code: `stream cut ${stream.rstCode}` }))
    })
    if (method === 'POST') stream.end(input)
  })
}

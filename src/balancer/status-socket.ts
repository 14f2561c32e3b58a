import { request } from 'node:http'
import { FlotaError } from '../lib/errors.ts'

export interface StatusCall {
  readonly method: 'GET' | 'PUT'
  readonly path: '/flota-generation' | '/flota-peers'
  readonly body?: string
}

const timeoutMs = 2_000

/** One call to nginx's status server. Resolves to the answer's text without its line end; rejects as `unavailable` when there is none. */
export function callStatus(socketPath: string, { method, path, body }: StatusCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new FlotaError('unavailable', `Cannot ask nginx for '${path}' at '${socketPath}': no answer`, { cause }))
    const signal = AbortSignal.timeout(timeoutMs)
    const call = request({ socketPath, method, path, agent: false, signal }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', fail)
      response.on('end', () => (response.statusCode === 200 ? resolve(text.trim()) : fail(new Error(text.trim()))))
    })
    call.on('error', fail).end(body)
  })
}

import http from 'node:http'
import type { RawRequest } from './valid-requests.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Sends it as it is and reads the answer; of an event stream only its head. Rejects when there is no answer within 2 s. */
export function send(socketPath: string, request: RawRequest): Promise<Answer> {
  const { method, path, headers, body } = request
  const flat = ['Host', 'flota', ...headers.flat(), ...(body ? ['Content-Length', String(body.length)] : [])]
  return new Promise((resolve, reject) => {
    const options = { socketPath, agent: false as const, method, path, headers: flat, timeout: 2_000 }
    const sent = http.request(options, (answer) => {
      const type = answer.headers['content-type'] ?? ''
      const chunks: Buffer[] = []
      const done = () => resolve({ status: answer.statusCode ?? 0, type, body: Buffer.concat(chunks).toString() })
      if (type === 'text/event-stream') {
        done()
        sent.destroy()
        return
      }
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', done)
      answer.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error('no answer within 2 s')))
    sent.on('error', reject)
    sent.end(body)
  })
}

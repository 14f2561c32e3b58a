import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { createSecureServer } from 'node:http2'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { runLoad } from './load-client.ts'

const right = '{"platform":"docker","language":"typescript","result":"bazinga!"}'
let directory: string
let server: Http2SecureServer | undefined

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'load-test-'))
  const files = ['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=load']
  execFileSync('openssl', ['req', ...kind, ...files], { stdio: 'ignore' })
})
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(() => server?.close())

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse, count: number) => void

async function serve(answer: Answer): Promise<string> {
  let count = 0
  const pair = { key: readFileSync(join(directory, 'key.pem')), cert: readFileSync(join(directory, 'cert.pem')) }
  server = createSecureServer({ ...pair, allowHTTP1: true }, (request, response) => answer(request, response, count++))
  server.listen(0)
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? `https://localhost:${address.port}/` : ''
}

const load = (url: string, protocol: 'http1' | 'http2') =>
  runLoad({ url, protocol, seconds: 0.3, rate: 100, connections: 4 })

describe.each(['http1', 'http2'] as const)('over %s', (protocol) => {
  test('every answer is counted, by server', async () => {
    const url = await serve((_request, response, count) => {
      response.writeHead(200, { 'x-served-by': `m${count % 2}` }).end(right)
    })
    const result = await load(url, protocol)
    expect(result).toMatchObject({ sent: 30, answers: 30, failed: 0, failures: {}, byServer: { m0: 15, m1: 15 } })
  })

  test.each<[string, Answer, string]>([
    ['another status', (_request, response) => response.writeHead(502).end(right), 'POST status 502'],
    ['a wrong body', (_request, response) => response.end('{"result":"else"}'), 'POST wrong body'],
    ['an empty body', (_request, response) => response.end(), 'POST wrong body'],
  ])('%s is a failure', async (_title, answer, kind) => {
    const result = await load(
      await serve((request, response, count) =>
        request.method === 'POST' ? answer(request, response, count) : response.end(right),
      ),
      protocol,
    )
    expect(result).toMatchObject({ answers: 20, failed: 10, failures: { [kind]: 10 } })
  })

  test('a connection that is cut is a failure and is not tried again', async () => {
    let asked = 0
    const url = await serve((request, response, count) => {
      asked++
      if (count !== 7) return void response.end(right)
      // Behind HTTP/2's compatibility layer the stream is what can be cut.
      if (request.httpVersionMajor === 1) request.socket.destroy()
      else request.stream.close(2)
    })
    const result = await load(url, protocol)
    expect(result).toMatchObject({ sent: 30, answers: 29, failed: 1 })
    expect(asked).toBe(30)
  })
})

test('nobody there is a failure of every request', async () => {
  const result = await load('https://localhost:1/', 'http1')
  expect(result).toMatchObject({
    answers: 0,
    failed: 30,
    failures: { 'GET ECONNREFUSED': 20, 'POST ECONNREFUSED': 10 },
  })
})

test.each([
  ['rate', { rate: 5_000 }],
  ['seconds', { seconds: 0 }],
  ['connections', { connections: Number.NaN }],
])('a load is bounded in its %s', async (name, change) => {
  const options = {
    url: 'https://localhost:1/',
    protocol: 'http1',
    seconds: 1,
    rate: 10,
    connections: 1,
    ...change,
  } as const
  await expect(runLoad(options)).rejects.toThrow(`Cannot run a load with ${name}`)
})

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Nano } from './server.ts'
import { body, createNano } from './server.ts'

let directory: string
let lines: string[] = []
const running: Nano[] = []

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'nano-test-'))
  const files = ['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', ...kind, '-subj', '/CN=nano', ...files], { stdio: 'ignore' })
})
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(async () => {
  await Promise.all(running.splice(0).map((nano) => nano.stop()))
  lines = []
})

async function startNano(): Promise<{ nano: Nano; port: number }> {
  const read = (name: string) => readFileSync(join(directory, name))
  const nano = createNano({
    cert: read('cert.pem'),
    key: read('key.pem'),
    servedBy: 'm1/i1',
    log: (line) => lines.push(line),
    idleMs: 100,
  })
  running.push(nano)
  return { nano, port: (await nano.listen(0)).port }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

interface Ask {
  readonly method?: string
  readonly path?: string
  readonly agent?: Agent | false
}

function ask(port: number, { method = 'GET', path = '/', agent = false }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ port, method, path, agent, rejectUnauthorized: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
    })
    call.on('error', reject).end(method === 'POST' ? 'some input' : undefined)
  })
}

test.each([
  ['GET', '/'],
  ['GET', '/any/path?at=all'],
  ['POST', '/'],
  ['DELETE', '/thing'],
])('%s %s answers the JSON over HTTP/1.1 and names who served it', async (method, path) => {
  const { port } = await startNano()
  const answer = await ask(port, { method, path })
  expect(answer.status).toBe(200)
  expect(answer.text).toBe(body)
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-served-by': 'm1/i1' })
  expect(lines).toEqual([expect.stringMatching(/^Remote address: (127\.0\.0\.1|::1):\d+, Protocol: HTTP\/1\.1$/)])
})

test('the body is the JSON that clients of the old service know, with our language', () => {
  expect(JSON.parse(body)).toEqual({ platform: 'docker', language: 'typescript', result: 'bazinga!' })
})

test('HEAD answers the headers without the body', async () => {
  const { port } = await startNano()
  const answer = await ask(port, { method: 'HEAD' })
  expect(answer.text).toBe('')
  expect(answer.headers['content-length']).toBe(String(body.length))
})

test('the same port speaks HTTP/2, and the log says so', async () => {
  const { port } = await startNano()
  const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false })
  const stream = session.request({ ':path': '/' })
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  session.close()
  expect(headers).toMatchObject({ ':status': 200, 'x-served-by': 'm1/i1' })
  expect(text).toBe(body)
  expect(lines).toEqual([expect.stringMatching(/Protocol: HTTP\/2\.0$/)])
})

test('a stop finishes what is in flight, refuses new connections and says close on the open ones', async () => {
  const { nano, port } = await startNano()
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  await ask(port, { agent })
  const slow = request({ port, method: 'POST', agent: false, rejectUnauthorized: false })
  slow.write('first half')
  await expect.poll(() => lines.length).toBe(2)

  const stopped = nano.stop()
  const kept = await ask(port, { agent })
  expect(kept.headers.connection).toBe('close')
  await expect(ask(port)).rejects.toThrow(/ECONNREFUSED/)
  slow.end('second half')
  const [response] = (await once(slow, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(200)
  response.resume()
  await stopped
  agent.destroy()
})

test('a stop closes connections that stay idle', async () => {
  const { nano, port } = await startNano()
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  await ask(port, { agent })
  await nano.stop()
  agent.destroy()
})

test('the program serves as a bundle and exits 0 on SIGTERM', async () => {
  const entryPoints = [new URL('server.ts', import.meta.url).pathname]
  const outfile = join(directory, 'server.mjs')
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20.19' })
  const child = spawn(process.execPath, [outfile], { env: { PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [first] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(/port (\d+)/.exec(first.toString())?.[1])
    expect((await ask(port)).text).toBe(body)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})

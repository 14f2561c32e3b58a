import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callStatus } from './status-socket.ts'
import { temporaryDirectory } from './test-backends.ts'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let socket: string
let server: Server | undefined

beforeEach(async () => {
  directory = await temporaryDirectory()
  socket = join(directory.path, 'status.sock')
})
afterEach(async () => {
  server?.close()
  await directory.remove()
})

async function serve(listener: RequestListener): Promise<void> {
  server = createServer(listener).listen(socket)
  await once(server, 'listening')
}

test('the answer comes without its line end', async () => {
  await serve((request, response) => response.end(`${request.method ?? ''} ${request.url ?? ''}\n`))
  expect(await callStatus(socket, { method: 'GET', path: '/flota-generation' })).toBe('GET /flota-generation')
})

test('what is put arrives', async () => {
  await serve((request, response) => request.pipe(response))
  expect(await callStatus(socket, { method: 'PUT', path: '/flota-peers', body: 'peers' })).toBe('peers')
})

test('another status is told with the answer', async () => {
  await serve((_request, response) => response.writeHead(400).end('the first line must be a version'))
  const call = callStatus(socket, { method: 'PUT', path: '/flota-peers', body: '' })
  await expect(call).rejects.toMatchObject({
    code: 'unavailable',
    cause: new Error('the first line must be a version'),
  })
})

test('nobody there is unavailable and names the socket', async () => {
  const call = callStatus(socket, { method: 'GET', path: '/flota-generation' })
  await expect(call).rejects.toThrow(`Cannot ask nginx for '/flota-generation' at '${socket}'`)
})

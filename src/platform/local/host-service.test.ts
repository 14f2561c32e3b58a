import { createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realClock } from '../../lib/clock.ts'
import { accepts, ensureService, freePort, stopService } from './host-service.ts'
import { findByArgument } from './processes.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-service-'))
})
afterEach(async () => {
  await stopService(folder, realClock)
  await rm(folder, { recursive: true })
})

const options = { clock: realClock, signal: new AbortController().signal }
const service = (port: number, script: string) => ({
  name: 'test service',
  command: [process.execPath, '-e', script, folder],
  mark: folder,
  address: '127.0.0.1',
  port,
  log: join(folder, 'log'),
})
/** A port of the kernel's choice: several test runs may share this host. */
const anyPort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
const listen = (port: number): string => `require('net').createServer().listen(${port}, '127.0.0.1')`

it('starts a service once, finds it again, and stops it', async () => {
  const port = await anyPort()
  await ensureService(service(port, listen(port)), options)
  const [first] = await findByArgument(folder)
  await ensureService(service(port, listen(port)), options)
  expect(await findByArgument(folder)).toEqual([first])
  await stopService(folder, realClock)
  expect(await accepts('127.0.0.1', port)).toBe(false)
  expect(await findByArgument(folder)).toEqual([])
})

it('tells the last words of a service that ends at once', async () => {
  const failing = ensureService(service(42_199, "console.error('no such folder'); process.exit(3)"), options)
  await expect(failing).rejects.toThrow("Cannot start the test service on '127.0.0.1:42199': no such folder")
})

it('freePort passes over a port that somebody listens on', async () => {
  const first = await freePort('127.0.0.1', 42_200)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(first, '127.0.0.1', resolve))
  try {
    expect(await freePort('127.0.0.1', first)).toBeGreaterThan(first)
  } finally {
    server.close()
  }
})

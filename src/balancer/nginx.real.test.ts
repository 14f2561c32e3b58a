import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { realClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { ensureCertificate } from './certificate.ts'
import { Nginx } from './nginx.ts'
import { toPeerTable } from './pool.ts'
import type { NginxConfig } from './render.ts'
import { filesIn, renderNginx } from './render.ts'
import { callStatus } from './status-socket.ts'
import { freePort, temporaryDirectory } from './test-backends.ts'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let nginx: Nginx
let deaths = 0
let good: NginxConfig
let other: NginxConfig
let started: Nginx[] = []

beforeEach(async () => {
  directory = await temporaryDirectory()
  deaths = 0
  nginx = make()
  const certificate = await ensureCertificate(directory.path, 'localhost')
  const ports = { http: await freePort(), https: await freePort() }
  const common = { version: await nginx.version(), ports, directory: directory.path, certificate }
  good = renderNginx({ ...common, route: { name: 'nano', scheme: 'https' } })
  other = renderNginx({ ...common, route: undefined })
})

afterEach(async () => {
  await Promise.all(started.map((each) => each.stop()))
  started = []
  await directory.remove()
})

function make(): Nginx {
  const made = new Nginx({
    directory: directory.path,
    nginxPath: '/usr/sbin/nginx',
    clock: realClock,
    log: silentLog,
    onDeath: () => deaths++,
  })
  started.push(made)
  return made
}

const masterPid = async () => Number(await readFile(filesIn(directory.path).pid, 'utf8'))

test('serve starts nginx, then changes it without a new start, then does nothing when nothing changed', async () => {
  expect(await nginx.serve(good)).toBe(true)
  const pid = await masterPid()
  expect(await nginx.serve(other)).toBe(true)
  expect(await nginx.serve(other)).toBe(false)
  expect(await nginx.generation()).toBe(other.generation)
  expect(await masterPid()).toBe(pid)
  expect(deaths).toBe(0)
})

test('a configuration that nginx refuses is told in its words and changes nothing', async () => {
  await nginx.serve(good)
  const broken = { text: other.text.replace('worker_processes auto', 'worker_processes many'), generation: 'broken' }
  await expect(nginx.serve(broken)).rejects.toThrow(/Cannot test the configuration .*\[emerg\].*worker_processes/)
  expect(await nginx.generation()).toBe(good.generation)
  await nginx.serve(other)
  expect(await nginx.generation()).toBe(other.generation)
})

test('a dead nginx is started with the last good configuration when the wanted one is refused', async () => {
  await nginx.serve(good)
  process.kill(await masterPid(), 'SIGKILL')
  await vi.waitFor(() => expect(deaths).toBe(1))
  await expect(nginx.serve({ text: 'nonsense', generation: 'broken' })).rejects.toThrow(/Cannot test the configuration/)
  await vi.waitFor(async () => expect(await nginx.generation()).toBe(good.generation))
})

test('a configuration that passes the test but cannot run is rolled back', async () => {
  await nginx.serve(good)
  const thief = createServer().listen(0)
  await once(thief, 'listening')
  try {
    const address = thief.address()
    if (typeof address !== 'object' || address === null) throw new Error('no port')
    const text = good.text.replace(/listen \d+ default_server/, `listen ${address.port} default_server`)
    await expect(nginx.serve({ text, generation: 'other' })).rejects.toThrow(/nginx does not run it/)
    expect(await nginx.generation()).toBe(good.generation)
    expect(await readFile(filesIn(directory.path).config, 'utf8')).toBe(good.text)
  } finally {
    thief.close()
  }
})

test('peers are handed over without a reload, and an nginx that starts reads them from the file', async () => {
  await nginx.serve(good)
  const endpoint = { address: '127.0.0.1', port: 9 }
  const table = toPeerTable([{ route: 'nano', served: [endpoint as never] }])
  await nginx.feed(table)
  const files = filesIn(directory.path)
  const ask = () => callStatus(files.socket, { method: 'GET', path: '/flota-peers' })
  expect(await ask()).toBe(table.version)
  await writeFile(files.peers, table.text)
  await nginx.stop()
  await make().serve(good)
  expect(await ask()).toBe(table.version)
})

test('a table that is none is refused', async () => {
  await nginx.serve(good)
  await expect(nginx.feed({ version: 'x', text: 'garbage' })).rejects.toThrow(/Cannot ask nginx for '\/flota-peers'/)
})

test('an nginx that runs already is taken over', async () => {
  await nginx.serve(good)
  const pid = await masterPid()
  const next = make()
  await next.adopt()
  expect(await next.serve(good)).toBe(false)
  expect(await masterPid()).toBe(pid)
  process.kill(pid, 'SIGKILL')
  await vi.waitFor(() => expect(deaths).toBe(2), { timeout: 5_000 })
  expect(await next.serve(good)).toBe(true)
})

test('the pid file of another program takes over nothing', async () => {
  await writeFile(filesIn(directory.path).pid, `${process.pid}\n`)
  await nginx.adopt()
  expect(await nginx.serve(good)).toBe(true)
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { serveDiscovery, type DiscoveryServer } from '../../discovery/server.ts'
import { runCli, type World } from '../run-cli.ts'

let dir: string
let server: DiscoveryServer

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flota-verb-'))
  server = await serveDiscovery({ listen: '127.0.0.1:0', dataDir: join(dir, 'a'), clock: realClock, log: silentLog })
})

afterEach(async () => {
  await server.close()
  await rm(dir, { recursive: true })
})

/** Runs `flota` with these arguments; what it wrote, and its exit code. */
function flota(args: readonly string[], { env = {}, stop = new AbortController() }: RunOptions = {}) {
  let [stdout, stderr] = ['', '']
  const world: World = {
    stdout: { write: (text) => void (stdout += text), isTTY: false },
    stderr: { write: (text) => void (stderr += text), isTTY: false },
    stdin: process.stdin,
    env,
    cwd: dir,
    clock: realClock,
    version: '0.0.0',
    programName: 'flota',
    localMachineId: () => Promise.resolve(undefined),
    run: () => Promise.resolve(0),
    interrupted: () => stop.signal,
  }
  const code = runCli(args, world)
  return { code, stdout: () => stdout, stderr: () => stderr }
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stop?: AbortController
}

async function output(args: readonly string[], options?: RunOptions) {
  const run = flota(args, options)
  return { code: await run.code, stdout: run.stdout(), stderr: run.stderr() }
}

async function newUrl(size: string): Promise<string> {
  const { stdout } = await output(['discovery', 'new', '--size', size, '--url', server.url])
  return stdout.trim()
}

const register = (url: string, id: string, value: string) =>
  fetch(`${url}/${id}`, { method: 'PUT', body: new URLSearchParams({ value }) })

it('discovery serve says where it listens, and ends when it is told to', async () => {
  const stop = new AbortController()
  const run = flota(['discovery', 'serve', '--listen', '127.0.0.1:0', '--data-dir', join(dir, 'b')], { stop })
  await expect.poll(run.stdout).toMatch(/^Discovery service at http:\/\/127\.0\.0\.1:\d+\n$/)
  const url = run.stdout().trim().split(' ').at(-1) ?? ''
  expect((await fetch(`${url}/health`)).status).toBe(200)
  stop.abort()
  expect(await run.code).toBe(0)
  await expect(fetch(`${url}/health`)).rejects.toThrow()
})

it('discovery new prints a URL that discovery show understands', async () => {
  const url = await newUrl('1')
  expect(url).toMatch(new RegExp(`^${server.url}/[0-9a-f]{32}$`))
  await register(url, 'a1', 'm1=http://10.0.0.1:2380')
  const shown = await output(['discovery', 'show', url])
  expect(shown.code).toBe(0)
  expect(shown.stdout).toMatch(/^1 of 1 members have registered\n {2}a1 {2}m1 .*\nThe cluster id is [0-9a-f]{16}\n$/)
  const { stdout } = await output(['discovery', 'show', url, '-o', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ url, size: 1, members: [{ id: 'a1', name: 'm1' }], late: [] })
})

describe('discovery should-join', () => {
  it.each([
    ['0 when there is room', '2', 0],
    ['1 when the cluster is full', '1', 1],
  ])('exits %s', async (_title, size, code) => {
    const url = await newUrl(size)
    await register(url, 'a1', 'm1=http://10.0.0.1:2380')
    const env = { ETCD_DISCOVERY: url, ETCD_DATA_DIR: dir, ETCD_INITIAL_ADVERTISE_PEER_URLS: 'http://10.0.0.9:2380' }
    expect((await output(['discovery', 'should-join'], { env })).code).toBe(code)
  })

  it('exits 255 when it cannot know, which systemd takes for a failure', async () => {
    const env = { ETCD_DISCOVERY: `${server.url}/${'0'.repeat(32)}`, ETCD_DATA_DIR: dir }
    const { code, stderr } = await output(['discovery', 'should-join'], { env })
    expect(code).toBe(255)
    expect(stderr).toContain('does not know this token')
  })
})

it.each([
  ['a size that is none', ['new', '--size', '0', '--url', 'http://127.0.0.1:1'], 1, "Cannot make a token of size '0'"],
  ['a URL that is none', ['show', 'nowhere'], 1, "Cannot read discovery URL 'nowhere'"],
  ['no URL', ['new'], 2, '--url'],
  ['an address that is none', ['serve', '--listen', 'x', '--data-dir', '/nope'], 1, "Cannot listen on 'x'"],
  ['another format', ['show', 'http://127.0.0.1:1', '-o', 'xml'], 1, "Cannot print in format 'xml'"],
])('discovery refuses %s', async (...[, args, code, message]) => {
  const result = await output(['discovery', ...args])
  expect([result.code, result.stdout]).toEqual([code, ''])
  expect(result.stderr).toContain(message)
})

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { realClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { createDiscovery, readDiscovery } from './client.ts'
import { clusterIdOf } from './cluster-id.ts'
import { findClientUrls } from './find-members.ts'
import { serveDiscovery, type DiscoveryServer } from './server.ts'
import { shouldJoin } from './should-join.ts'

const rootsDir = '/var/cache/flota/roots'

/** The host's own etcd, and that of each cached machine root, which needs that root's own loader. */
async function etcdCommands(): Promise<readonly (readonly string[])[]> {
  const cached = await readdir(rootsDir).catch(() => [])
  const roots = ['', ...cached.map((name) => join(rootsDir, name))].filter((root) => existsSync(`${root}/usr/bin/etcd`))
  const commands = roots.map((root) =>
    root === ''
      ? ['/usr/bin/etcd']
      : [
          `${root}/lib64/ld-linux-x86-64.so.2`,
          '--library-path',
          `${root}/usr/lib/x86_64-linux-gnu`,
          `${root}/usr/bin/etcd`,
        ],
  )
  const byVersion = new Map<string, readonly string[]>()
  for (const [program = '', ...args] of commands) {
    const { stdout } = await promisify(execFile)(program, [...args, '--version'])
    byVersion.set(stdout.split('\n')[0] ?? '', [program, ...args])
  }
  return [...byVersion.values()]
}

const commands = (await etcdCommands()).map((command) => [command.at(-1) ?? '', command] as const)
const fetching = { fetch, signal: new AbortController().signal }

let dir: string
let server: DiscoveryServer
let lines: string[]
const processes: ChildProcess[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flota-etcd-'))
  lines = []
  server = await serve('127.0.0.1:0')
})

afterEach(async () => {
  await Promise.all(processes.splice(0).map(kill))
  await server.close()
  await rm(dir, { recursive: true })
})

it('finds an etcd to test with', () => {
  expect(commands.length).toBeGreaterThan(0)
})

function serve(listen: string): Promise<DiscoveryServer> {
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) })
  return serveDiscovery({ listen, dataDir: join(dir, 'discovery'), clock: realClock, log })
}

interface Member {
  readonly name: string
  readonly dataDir: string
  readonly clientUrl: string
  readonly peerUrl: string
  readonly discovery: string
}

async function planMember(name: string, discovery: string): Promise<Member> {
  const [client, peer] = [await freePort(), await freePort()]
  const dataDir = join(dir, name)
  return { name, dataDir, discovery, clientUrl: `http://127.0.0.1:${client}`, peerUrl: `http://127.0.0.1:${peer}` }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

interface Running {
  readonly process: ChildProcess
  output(): string
}

function start(command: readonly string[], member: Member): Running {
  const [program = '', ...args] = command
  const process = spawn(program, args, {
    env: {
      ETCD_NAME: member.name,
      ETCD_DATA_DIR: member.dataDir,
      ETCD_DISCOVERY: member.discovery,
      ETCD_DISCOVERY_FALLBACK: 'exit',
      ETCD_INITIAL_ADVERTISE_PEER_URLS: member.peerUrl,
      ETCD_LISTEN_PEER_URLS: member.peerUrl,
      ETCD_ADVERTISE_CLIENT_URLS: member.clientUrl,
      ETCD_LISTEN_CLIENT_URLS: member.clientUrl,
      ETCD_LOG_OUTPUTS: 'stderr',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  processes.push(process)
  let output = ''
  process.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { process, output: () => output }
}

async function kill(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  process.kill('SIGKILL')
  await once(process, 'exit')
}

/** The cluster's id as the member itself says it, in hex. */
async function clusterIdFrom({ clientUrl }: Member): Promise<string> {
  const answer = await fetch(`${clientUrl}/v3/maintenance/status`, { method: 'POST', body: '{}' })
  const { header } = (await answer.json()) as { header: { cluster_id: string } }
  return BigInt(header.cluster_id).toString(16).padStart(16, '0')
}

async function isHealthy({ clientUrl }: Member): Promise<boolean> {
  const answer = await fetch(`${clientUrl}/health`).catch(() => undefined)
  return (await answer?.text())?.includes('"true"') ?? false
}

const healthy = (member: Member) => expect.poll(() => isHealthy(member), { timeout: 30_000, interval: 100 }).toBe(true)

const registered = (discovery: string) => readDiscovery(discovery, fetching).then(({ members }) => members.length)

describe.each(commands)('%s', (_path, command) => {
  it.each([1, 3])('forms a cluster of %i, whose id derives from the token', async (size) => {
    const discovery = await createDiscovery(server.url, size, fetching)
    const members = await Promise.all(Array.from({ length: size }, (_, i) => planMember(`m${i}`, discovery)))
    for (const member of members) start(command, member)
    for (const member of members) await healthy(member)
    const state = await readDiscovery(discovery, fetching)
    const ids = await Promise.all(members.map(clusterIdFrom))
    expect(new Set(ids)).toEqual(new Set([clusterIdOf(discovery, state)]))
    for (const { name, peerUrl } of members) {
      expect(lines.join('')).toContain(`"name":"${name}","peerUrls":["${peerUrl}"]`)
    }
    expect(await findClientUrls(discovery, fetching)).toEqual(members.map(({ clientUrl }) => clientUrl).toSorted())
  })

  it('a member killed while it waits joins when it comes again', async () => {
    const discovery = await createDiscovery(server.url, 2, fetching)
    const [a, b] = [await planMember('a', discovery), await planMember('b', discovery)]
    const first = start(command, a)
    await expect.poll(() => registered(discovery), { timeout: 10_000 }).toBe(1)
    await kill(first.process)
    start(command, a)
    await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('Member registered again')
    start(command, b)
    await healthy(a)
    await healthy(b)
  })

  it('members wait out a restart of the discovery service', async () => {
    const discovery = await createDiscovery(server.url, 2, fetching)
    const [a, b] = [await planMember('a', discovery), await planMember('b', discovery)]
    start(command, a)
    await expect.poll(() => registered(discovery), { timeout: 10_000 }).toBe(1)
    await server.close()
    server = await serve(new URL(server.url).host)
    start(command, b)
    await healthy(a)
    await healthy(b)
  })

  it('one too many is told that the cluster is full, and shouldJoin knows it before', async () => {
    const discovery = await createDiscovery(server.url, 1, fetching)
    const [a, b] = [await planMember('a', discovery), await planMember('b', discovery)]
    start(command, a)
    await healthy(a)
    const late = start(command, b)
    const [code] = (await once(late.process, 'exit')) as [number]
    expect(code).toBe(1)
    expect(late.output()).toContain('cluster is full')
    const options = { ...fetching, clock: realClock, random: Math.random, withinMs: 0 }
    const settings = ({ dataDir, peerUrl }: Member) => ({
      discovery,
      dataDir,
      walDir: join(dataDir, 'member', 'wal'),
      peerUrls: [peerUrl],
    })
    expect(await shouldJoin(settings(b), options)).toMatchObject({ join: false })
    expect(await shouldJoin(settings(a), options)).toEqual({ join: true, reason: 'this machine is a member already' })
    expect(await findClientUrls(discovery, fetching)).toEqual([a.clientUrl])
  })

  it('an unknown token is refused in etcd’s own words', async () => {
    const unknown = start(command, await planMember('a', `${server.url}/${'0'.repeat(32)}`))
    const [code] = (await once(unknown.process, 'exit')) as [number]
    expect([code, unknown.output()]).toEqual([1, expect.stringContaining('100: Key not found')])
  })
})

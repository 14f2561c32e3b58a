import { readFile, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { body } from '../../examples/nano-container/service/server.ts'
import { runLoad } from '../../test/load/load-client.ts'
import { realClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { codecs } from '../store/codec.ts'
import { runBalancer } from './balancer.ts'
import { filesIn } from './render.ts'
import { Backends, freePort, temporaryDirectory } from './test-backends.ts'
import { TestCluster, machineId } from './test-cluster.ts'
import { TestStore } from './test-store.ts'

const numbers = [11, 12, 13]
let backends: Backends
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let cluster: TestCluster
let store: TestStore
let ports: { http: number; https: number }
let running: { stop(): Promise<void> } | undefined

beforeAll(async () => {
  backends = await Backends.make()
})

beforeEach(async () => {
  directory = await temporaryDirectory()
  ports = { http: await freePort(), https: await freePort() }
  cluster = new TestCluster()
  store = new TestStore()
  for (const number of numbers) {
    await backends.start(number)
    cluster.machine(number, `127.0.0.${number}`)
    cluster.place(nameOf(number), number, 'placed')
  }
})

afterEach(async () => {
  await running?.stop()
  running = undefined
  await backends.stopAll()
  await directory.remove()
})
afterAll(() => backends.stopAll())

const nameOf = (number: number) => `nano-container@${number}.service`

function start(nginxPath = '/usr/sbin/nginx'): void {
  const stop = new AbortController()
  const done = runBalancer({
    machine: machineId(14),
    address: '127.0.0.1',
    store,
    feed: cluster,
    directory: directory.path,
    nginxPath,
    ports,
    clock: realClock,
    log: silentLog,
    random: () => 0.5,
    signal: stop.signal,
  })
  running = {
    stop: async () => {
      stop.abort()
      await done
    },
  }
}

const declareRoute = () =>
  cluster.route('nano', { units: ['nano-container@*.service'], port: backends.port, scheme: 'https' })

interface Seen {
  readonly status: number | undefined
  readonly server: string | undefined
  readonly retryAfter: string | undefined
}

function ask(input?: Buffer): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const method = input === undefined ? 'GET' : 'POST'
    const call = request({ port: ports.https, method, agent: false, rejectUnauthorized: false }, (response) => {
      const server = response.headers['x-served-by']?.toString()
      response.resume().on('end', () => {
        resolve({ status: response.statusCode, server, retryAfter: response.headers['retry-after'] })
      })
    })
    call.on('error', reject).end(input)
  })
}

/** Who answers, by asking more often than there are instances. */
async function servers(): Promise<readonly string[]> {
  const seen = new Set<string>()
  for (let times = 0; times < 12; times++) seen.add((await ask()).server ?? 'nobody')
  return [...seen].toSorted()
}

const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 10_000, interval: 50 })
const serveAll = () => eventually(async () => expect(await servers()).toEqual(['i11', 'i12', 'i13']))
const load = (seconds: number, protocol: 'http1' | 'http2') =>
  runLoad({ url: `https://127.0.0.1:${ports.https}/`, seconds, rate: 200, connections: 20, protocol })

function published() {
  const operation = store.commits.at(-1)?.operations[0]
  return operation?.kind === 'put' ? codecs.balancer.decode(operation.value) : undefined
}

const masterPid = async () => Number(await readFile(filesIn(directory.path).pid, 'utf8'))

test('the balancer serves every instance of a route and tells the cluster so', async () => {
  declareRoute()
  start()
  await serveAll()
  await eventually(() => expect(published()?.routes['nano']?.healthy).toHaveLength(3))
  expect(published()?.revision).toBe(cluster.view.revision.toString())
  expect(published()?.address).toBe('127.0.0.1')
})

test('no route and no instance are answered with 503 and the time to come back', async () => {
  start()
  await eventually(async () => expect(await ask()).toMatchObject({ status: 503, retryAfter: '1' }))
  cluster.route('nano', { units: ['other@*.service'], port: backends.port, scheme: 'https' })
  await eventually(() => expect(published()?.routes['nano']).toEqual({ healthy: [], unhealthy: [] }))
  expect(await ask()).toMatchObject({ status: 503, retryAfter: '1' })
})

test.each(['http1', 'http2'] as const)(
  'endpoints leave and come under load over %s and nothing is lost',
  async (protocol) => {
    declareRoute()
    start()
    await serveAll()
    const result = load(4, protocol)
    for (const phase of ['draining', 'placed', 'leaving', undefined, 'placed'] as const) {
      cluster.place(nameOf(12), 12, phase)
      await realClock.sleep(500)
    }
    expect(await result).toMatchObject({ failed: 0, failures: {}, answers: 800 })
  },
)

test('an instance that is drained and then stopped under load costs no request', async () => {
  declareRoute()
  start()
  await serveAll()
  const result = load(3, 'http1')
  await realClock.sleep(300)
  cluster.place(nameOf(12), 12, 'draining')
  await eventually(() => expect(published()?.revision).toBe(cluster.view.revision.toString()))
  await backends.stop(12)
  expect(await result).toMatchObject({ failed: 0, failures: {} })
  expect(await servers()).toEqual(['i11', 'i13'])
})

test('an instance that ends by itself in good order costs no request, even before the cluster knows', async () => {
  declareRoute()
  start()
  await serveAll()
  const result = load(3, 'http1')
  await realClock.sleep(300)
  await backends.stop(12)
  expect(await result).toMatchObject({ failed: 0, failures: {} })
})

test('an instance that is killed costs no GET', async () => {
  await backends.stop(12)
  const victim = createServer(backends.pair, (_request, response) => response.end(body))
  victim.listen(backends.port, '127.0.0.12')
  declareRoute()
  start()
  await eventually(async () => expect(await servers()).toEqual(['i11', 'i13', 'nobody']))
  const result = load(3, 'http1')
  await realClock.sleep(1_000)
  victim.close()
  victim.closeAllConnections()
  const { failures, failed } = await result
  expect(Object.keys(failures).filter((kind) => !kind.startsWith('POST'))).toEqual([])
  // At most what was on its way over the 20 connections when the instance died.
  expect(failed).toBeLessThanOrEqual(20)
})

test('an instance that dies unseen leaves the rotation, and comes back when it answers', async () => {
  declareRoute()
  start()
  await serveAll()
  await backends.stop(13)
  await eventually(() => expect(published()?.routes['nano']?.unhealthy).toMatchObject([{ machine: machineId(13) }]))
  expect(await servers()).toEqual(['i11', 'i12'])
  await backends.start(13)
  await serveAll()
})

test('the last instance stays in the pool however it answers its probes', async () => {
  cluster.place(nameOf(11), 11, undefined)
  cluster.place(nameOf(12), 12, undefined)
  declareRoute()
  start()
  await eventually(async () => expect(await servers()).toEqual(['i13']))
  await backends.stop(13)
  await eventually(() => expect(published()?.routes['nano']?.healthy).toEqual([]))
  expect((await ask()).status).toBe(502)
  await backends.start(13)
  await eventually(async () => expect((await ask()).status).toBe(200))
})

test('a body larger than memory buffers reaches the instance', async () => {
  declareRoute()
  start()
  await serveAll()
  expect(await ask(Buffer.alloc(5_000_000))).toMatchObject({ status: 200 })
})

test('a dead nginx is started again, with its peers', async () => {
  declareRoute()
  start()
  await serveAll()
  const pid = await masterPid()
  process.kill(pid, 'SIGKILL')
  await eventually(async () => expect(await masterPid()).not.toBe(pid))
  await serveAll()
})

test('a broken certificate is made again and taken without a restart', async () => {
  declareRoute()
  start()
  await serveAll()
  const { certificate, key } = filesIn(directory.path)
  await Promise.all([certificate, key].map((path) => writeFile(path, 'broken')))
  const pid = await masterPid()
  cluster.route('nano', undefined)
  await eventually(async () => expect((await ask()).status).toBe(503))
  expect(await masterPid()).toBe(pid)
})

test('an nginx that cannot run is told to the cluster', async () => {
  declareRoute()
  start('/nowhere/nginx')
  await eventually(() => expect(published()?.routes['nano']?.error).toContain("with '/nowhere/nginx'"))
  expect(published()?.revision).toBe('0')
})

test('a balancer that ends gives everything back', async () => {
  declareRoute()
  start()
  await serveAll()
  const pid = await masterPid()
  await eventually(() => expect(store.leases.size).toBe(1))
  await running?.stop()
  expect(cluster.users).toBe(0)
  expect(store.leases.size).toBe(0)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  running = undefined
})

test('with the store gone the table stays, also over a restart of the balancer', async () => {
  declareRoute()
  start()
  await serveAll()
  store.isAway = true
  cluster.setCurrent(false)
  await running?.stop()
  cluster = new TestCluster()
  cluster.isCurrent = false
  start()
  await serveAll()
  expect(store.commits.length).toBeGreaterThan(0)
})

test('a second route is refused by name and leaves the first as it is', async () => {
  declareRoute()
  cluster.route('another', { units: ['nano-container@*.service'], port: backends.port, scheme: 'https' })
  start()
  await serveAll()
  await eventually(() => expect(published()?.routes['another']?.error).toContain("taken by route 'nano'"))
  expect(published()?.routes['nano']?.error).toBeUndefined()
})

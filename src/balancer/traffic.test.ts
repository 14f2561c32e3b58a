import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import type { LogFields } from '../lib/log.ts'
import { silentLog } from '../lib/log.ts'
import { filesIn } from './render.ts'
import { temporaryDirectory } from './test-backends.ts'
import { TestCluster } from './test-cluster.ts'
import { Traffic } from './traffic.ts'

const nano = { units: ['nano@*.service'], port: 80, scheme: 'http' } as const
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let cluster: TestCluster
let clock: ManualClock
/** Addresses that answer their probes. */
let alive: Set<string>
let delivered: string[]
let errors: string[]
let open: Traffic[]

beforeEach(async () => {
  directory = await temporaryDirectory()
  clock = new ManualClock()
  cluster = new TestCluster()
  alive = new Set(['10.0.0.1', '10.0.0.2'])
  delivered = []
  errors = []
  open = []
  cluster.route('nano', nano)
  for (const number of [1, 2]) {
    cluster.machine(number, `10.0.0.${number}`)
    cluster.place(`nano@${number}.service`, number, 'placed')
  }
})

afterEach(async () => {
  for (const traffic of open) traffic.close()
  await directory.remove()
})

async function makeTraffic(): Promise<Traffic> {
  const traffic = new Traffic({
    directory: directory.path,
    feed: cluster,
    deliver: (table) => {
      delivered.push(table.text.split('\n').slice(1, -1).join('; '))
      return Promise.resolve()
    },
    probe: ({ address }) => (alive.has(address) ? Promise.resolve() : Promise.reject(new Error('silent'))),
    clock,
    log: { ...silentLog, error: (message: string, _fields?: LogFields) => errors.push(message) },
    onHealth: () => {},
  })
  open.push(traffic)
  await traffic.restore()
  return traffic
}

/** Passes until every endpoint had its first probe. */
async function settle(traffic: Traffic): Promise<void> {
  await traffic.pass()
  await clock.advance(100)
  await traffic.pass()
}

const both = 'nano 10.0.0.1:80 10.0.0.2:80'

test('endpoints get requests once they answered, and nothing is handed over twice', async () => {
  const traffic = await makeTraffic()
  await settle(traffic)
  await traffic.pass()
  expect(delivered).toEqual(['nano', both])
})

test('the revision that is served is that of the last change of what is wanted', async () => {
  const traffic = await makeTraffic()
  await settle(traffic)
  const first = traffic.servedRevision
  expect(first).toBe(cluster.view.revision)
  cluster.state('other.service', 1, 'active')
  await traffic.pass()
  expect(traffic.servedRevision).toBe(first)
  cluster.place('nano@1.service', 1, 'draining')
  await traffic.pass()
  expect(traffic.servedRevision).toBe(cluster.view.revision)
  expect(delivered.at(-1)).toBe('nano 10.0.0.2:80')
})

test('a drain of an instance that got no requests anyway is acknowledged too', async () => {
  alive.delete('10.0.0.1')
  const traffic = await makeTraffic()
  await settle(traffic)
  cluster.place('nano@1.service', 1, 'draining')
  await traffic.pass()
  expect(traffic.servedRevision).toBe(cluster.view.revision)
})

test('without a confirmed view the last one stays, and so do its probes', async () => {
  const traffic = await makeTraffic()
  await settle(traffic)
  cluster.setCurrent(false)
  cluster.route('nano', undefined)
  await traffic.pass()
  expect(delivered.at(-1)).toBe(both)
  alive.delete('10.0.0.1')
  await clock.advance(1_000)
  await clock.advance(100)
  await traffic.pass()
  expect(delivered.at(-1)).toBe('nano 10.0.0.2:80')
})

test('a restart serves the last table before the store is back, and claims no revision for it', async () => {
  await settle(await makeTraffic())
  cluster.setCurrent(false)
  alive.clear()
  const traffic = await makeTraffic()
  await traffic.pass()
  expect(delivered.at(-1)).toBe(both)
  expect(traffic.servedRevision).toBeUndefined()
  expect(traffic.servedRoute).toEqual({ name: 'nano', scheme: 'http' })
})

test('nginx finds the peers in a file when it starts', async () => {
  await settle(await makeTraffic())
  expect(await readFile(filesIn(directory.path).peers, 'utf8')).toMatch(
    /^version \w+\nnano 10\.0\.0\.1:80 10\.0\.0\.2:80\n$/,
  )
})

test('a table that cannot be saved is served all the same', async () => {
  const traffic = await makeTraffic()
  await rm(directory.path, { recursive: true })
  await writeFile(directory.path, 'in the way')
  await settle(traffic)
  expect(delivered.at(-1)).toBe(both)
  expect(errors).toContain('Cannot save the table of endpoints')
})

test('each route is told with its healthy and unhealthy instances, or why it is not served', async () => {
  alive.delete('10.0.0.2')
  cluster.route('second', nano)
  const traffic = await makeTraffic()
  await settle(traffic)
  const statuses = traffic.statuses(undefined)
  expect(statuses['nano']?.healthy).toMatchObject([{ address: '10.0.0.1' }])
  expect(statuses['nano']?.unhealthy).toMatchObject([{ address: '10.0.0.2' }])
  expect(statuses['nano']?.error).toBeUndefined()
  expect(statuses['second']?.error).toContain("taken by route 'nano'")
  expect(traffic.statuses('nginx is gone')['nano']?.error).toBe('nginx is gone')
})

test('after nginx may have lost its peers they are handed over again', async () => {
  const traffic = await makeTraffic()
  await settle(traffic)
  const before = delivered.length
  traffic.forgetDelivery()
  await traffic.pass()
  expect(delivered.length).toBe(before + 1)
})

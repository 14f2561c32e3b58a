import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../cluster/test-cluster.ts'
import { loopUnit } from './loop-unit.ts'

let cluster: TestCluster
beforeEach(async () => {
  const machines = { a: { metadata: { hostname: 'smokea' } }, b: { metadata: { hostname: 'smokeb', ping: 'pong' } } }
  cluster = await TestCluster.open({ machines })
})
afterEach(() => cluster.close())

interface WireMachines {
  readonly machines: readonly { readonly id: string; readonly metadata: Readonly<Record<string, string>> }[]
}

async function metadataOf(name: string): Promise<Readonly<Record<string, string>> | undefined> {
  const { machines } = (await cluster.request('GET', '/fleet/v1/machines')).json<WireMachines>()
  return machines.find(({ id }) => id === cluster.machine(name).id)?.metadata
}

const patch = (operations: readonly object[]) => cluster.request('PATCH', '/fleet/v1/machines', operations)
const at = (name: string, key: string) => `/${cluster.machine(name).id}/metadata/${key}`

describe('A35', () => {
  it('machines are listed as JSON', async () => {
    const answer = await cluster.request('GET', '/fleet/v1/machines')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.json<WireMachines>().machines).toHaveLength(2)
  })

  it('a page token that is none is refused', async () => {
    const answer = await cluster.request('GET', '/fleet/v1/machines?nextPageToken=EwBMLg==')
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toBe('application/json')
  })
})

describe('A36', () => {
  it('metadata is added, replaced and removed while the cluster runs', async () => {
    const added = await patch([
      { op: 'add', path: at('a', 'foo'), value: 'bar' },
      { op: 'replace', path: at('b', 'ping'), value: 'splat' },
    ])
    expect(added.statusCode).toBe(204)
    expect(await metadataOf('a')).toEqual({ hostname: 'smokea', foo: 'bar' })
    expect(await metadataOf('b')).toEqual({ hostname: 'smokeb', ping: 'splat' })

    const removed = await patch([
      { op: 'remove', path: at('a', 'foo') },
      { op: 'remove', path: at('b', 'ping') },
    ])
    expect(removed.statusCode).toBe(204)
    expect(await metadataOf('a')).toEqual({ hostname: 'smokea' })
    expect(await metadataOf('b')).toEqual({ hostname: 'smokeb' })
  })

  it.each([
    ['an operation that is none', () => ({ op: 'noop', path: at('a', 'foo'), value: 'bar' })],
    ['a path that is none', () => ({ op: 'add', path: `/${cluster.machine('a').id}/foo`, value: 'bar' })],
    ['an empty value', () => ({ op: 'add', path: at('a', 'foo'), value: '' })],
  ])('%s is refused, and changes nothing', async (_title, operation) => {
    const answer = await patch([operation()])
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(await metadataOf('a')).toEqual({ hostname: 'smokea' })
  })

  it('a unit follows the metadata that was changed', async () => {
    await cluster.write('db.service', loopUnit('MachineMetadata=disk=ssd'))
    await cluster.ok('start', '--no-block', 'db.service')
    await cluster.pass(2_000)
    expect(await cluster.active()).toEqual([])
    await patch([{ op: 'add', path: at('b', 'disk'), value: 'ssd' }])
    await cluster.until('db on b', async () => (await cluster.active()).join() === 'db.service b')
    await patch([
      { op: 'remove', path: at('b', 'disk') },
      { op: 'add', path: at('a', 'disk'), value: 'ssd' },
    ])
    await cluster.until('db on a', async () => (await cluster.active()).join() === 'db.service a')
    expect(cluster.machine('b').pidOf('db.service')).toBeUndefined()
  })
})

describe('X8', () => {
  it('a desired state that is none is refused', async () => {
    const options = [{ section: 'Service', name: 'ExecStart', value: '/bin/sleep 1000' }]
    const body = { name: 'x.service', desiredState: 'flying', options }
    const answer = await cluster.request('PUT', '/fleet/v1/units/x.service', body)
    expect(answer.statusCode).toBe(400)
    expect(await cluster.unitFiles()).toEqual([])
  })

  it('a unit that is not there is not found, nor is its state', async () => {
    expect((await cluster.request('GET', '/fleet/v1/units/none.service')).statusCode).toBe(404)
    expect((await cluster.request('GET', '/fleet/v1/state/none.service')).statusCode).toBe(404)
  })
})

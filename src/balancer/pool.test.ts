import { describe, expect, test } from 'vitest'
import { endpointKey, hostPort, toPeerTable, toPools } from './pool.ts'
import { machineId, unitName } from './test-cluster.ts'
import type { Standing, Upstream } from './upstreams.ts'

function upstream(...standings: readonly Standing[]): Upstream {
  const places = standings.map((standing, index) => {
    const unit = unitName(`nano@${index + 1}.service`)
    return { unit, machine: machineId(index + 1), address: `10.0.0.${index + 1}`, port: 80, standing }
  })
  return { route: 'nano', scheme: 'http', places }
}

const keysOf = (numbers: readonly number[]) => new Set(numbers.map((number) => `http://10.0.0.${number}:80`))

describe('toPools', () => {
  test.each<[string, readonly Standing[], { healthy: number[]; last: number[] }, { served: number[]; bad: number[] }]>([
    ['serves who answers', ['candidate', 'candidate'], { healthy: [1, 2], last: [] }, { served: [1, 2], bad: [] }],
    ['leaves out who does not', ['candidate', 'candidate'], { healthy: [2], last: [1, 2] }, { served: [2], bad: [1] }],
    ['serves nobody before the first answer', ['candidate'], { healthy: [], last: [] }, { served: [], bad: [1] }],
    [
      'keeps those that served last when nobody answers',
      ['candidate', 'candidate', 'candidate'],
      { healthy: [], last: [1, 2] },
      { served: [1, 2], bad: [1, 2, 3] },
    ],
    ['drops the last one when it is reported down', ['down'], { healthy: [1], last: [1] }, { served: [], bad: [1] }],
    ['drops who leaves, and misses it not', ['leaving'], { healthy: [1], last: [1] }, { served: [], bad: [] }],
  ])('%s', (...[, standings, { healthy, last }, expected]) => {
    const health = {
      isHealthy: (key: string) => keysOf(healthy).has(key),
      isServed: (key: string) => keysOf(last).has(key),
    }
    const [pool] = toPools([upstream(...standings)], health)
    const numbersOf = (endpoints: readonly { address: string }[] = []) =>
      endpoints.map(({ address }) => Number(address.slice(-1)))
    expect({ served: numbersOf(pool?.served), bad: numbersOf(pool?.unhealthy) }).toEqual(expected)
  })

  test('makes no pool of a refused route', () => {
    const refused = { ...upstream('candidate'), refusal: 'no' }
    expect(toPools([refused], { isHealthy: () => true, isServed: () => true })).toEqual([])
  })
})

describe('toPeerTable', () => {
  const endpoint = { unit: unitName('a.service'), machine: machineId(1), address: '10.0.0.1', port: 80 }

  test('writes a line with the version, then one a route', () => {
    const table = toPeerTable([
      { route: 'empty', served: [] },
      { route: 'nano', served: [endpoint, { ...endpoint, address: 'fd00::1' }] },
    ])
    expect(table.text).toBe(`version ${table.version}\nempty\nnano 10.0.0.1:80 [fd00::1]:80\n`)
  })

  test('gives the same version for the same peers only', () => {
    const version = (port: number) => toPeerTable([{ route: 'nano', served: [{ ...endpoint, port }] }]).version
    expect(version(80)).toBe(version(80))
    expect(version(80)).not.toBe(version(81))
  })
})

test('an endpoint is named by scheme, address and port', () => {
  const endpoint = { unit: unitName('a.service'), machine: machineId(1), address: '::1', port: 80 }
  expect(endpointKey('https', endpoint)).toBe('https://[::1]:80')
  expect(hostPort({ address: '10.0.0.1', port: 80 })).toBe('10.0.0.1:80')
})

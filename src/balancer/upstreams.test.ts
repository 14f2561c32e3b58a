import { describe, expect, test } from 'vitest'
import { TestCluster, machineId } from './test-cluster.ts'
import { wantedUpstreams } from './upstreams.ts'

const nano = { units: ['nano-container@*.service'], port: 8443, scheme: 'https' } as const
const one = 'nano-container@1.service'

/** One instance on machine 1, wanted, placed and reported running. */
function makeCluster(): TestCluster {
  const cluster = new TestCluster()
  cluster.route('nano', nano)
  cluster.machine(1, '10.77.0.11')
  cluster.place(one, 1, 'placed')
  cluster.state(one, 1, 'active')
  return cluster
}

const standings = (cluster: TestCluster) => wantedUpstreams(cluster.view)[0]?.places.map((place) => place.standing)

test('an instance is reached at its machine and the port of the route', () => {
  expect(wantedUpstreams(makeCluster().view)).toEqual([
    {
      route: 'nano',
      scheme: 'https',
      places: [{ unit: one, machine: machineId(1), address: '10.77.0.11', port: 8443, standing: 'candidate' }],
    },
  ])
})

describe('an instance', () => {
  test.each<[string, (cluster: TestCluster) => void, readonly string[]]>([
    ['stays when its state is missing', (c) => c.state(one, 1, undefined), ['candidate']],
    ['stays while it is starting', (c) => c.state(one, 1, 'activating'), ['candidate']],
    ['is down when it is reported failed', (c) => c.state(one, 1, 'failed'), ['down']],
    ['is down when it is reported inactive', (c) => c.state(one, 1, 'inactive'), ['down']],
    ['is down when it is stopping', (c) => c.state(one, 1, 'deactivating'), ['down']],
    ['leaves in phase draining', (c) => c.place(one, 1, 'draining'), ['leaving']],
    ['leaves in phase leaving', (c) => c.place(one, 1, 'leaving'), ['leaving']],
    ['is gone when it is scheduled nowhere', (c) => c.place(one, 1, undefined), []],
    ['is not reached at an address that is none', (c) => c.machine(1, '10.0.0.1; evil'), []],
    ['is reached at an IPv6 address', (c) => c.machine(1, 'fd00::1'), ['candidate']],
  ])('%s', (_title, change, expected) => {
    const cluster = makeCluster()
    change(cluster)
    expect(standings(cluster)).toEqual(expected)
  })
})

test('while a unit moves its old and its new place are told apart', () => {
  const cluster = makeCluster()
  cluster.machine(2, '10.77.0.12')
  cluster.place(one, 1, 'leaving')
  cluster.place(one, 2, 'placed')
  expect(standings(cluster)).toEqual(['leaving', 'candidate'])
})

test('a route takes the units that any of its globs matches, sorted, each once', () => {
  const cluster = makeCluster()
  cluster.route('nano', { ...nano, units: ['nano-*@2.service', 'nano-container@*.service', 'web.service'] })
  for (const unit of ['web.service', 'nano-container@2.service', 'other.service']) cluster.place(unit, 1, 'placed')
  const units = wantedUpstreams(cluster.view)[0]?.places.map(({ unit }) => unit)
  expect(units).toEqual([one, 'nano-container@2.service', 'web.service'])
})

test('the same cluster told in another order gives the same upstreams', () => {
  const forward = new TestCluster()
  const backward = new TestCluster()
  for (const [cluster, order] of [[forward, [1, 2, 3]] as const, [backward, [3, 2, 1]] as const]) {
    cluster.route('nano', nano)
    for (const number of order) {
      cluster.machine(number, `10.77.0.1${number}`)
      cluster.place(`nano-container@${number}.service`, number, 'placed')
    }
  }
  expect(wantedUpstreams(backward.view)).toEqual(wantedUpstreams(forward.view))
})

test('the oldest route keeps the public port, whatever the names are', () => {
  const cluster = makeCluster()
  cluster.route('a-newer-one', nano)
  expect(wantedUpstreams(cluster.view).map(({ route, refusal }) => [route, refusal])).toEqual([
    ['a-newer-one', "Cannot serve route 'a-newer-one': the public port is taken by route 'nano'"],
    ['nano', undefined],
  ])
})

test('a route whose name nginx must not see is refused and takes no port', () => {
  const cluster = new TestCluster()
  cluster.route('x; evil', nano)
  cluster.route('nano', nano)
  const refusals = wantedUpstreams(cluster.view).map(({ refusal }) => refusal)
  expect(refusals).toEqual([undefined, expect.stringContaining("Cannot serve route 'x; evil': letters")])
})

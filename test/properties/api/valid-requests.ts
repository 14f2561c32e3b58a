import type { Random } from './random.ts'

export interface RawRequest {
  readonly method: string
  /** Path and query, as they go over the line. */
  readonly path: string
  /** In order, a name as often as it is sent. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer | undefined
}

export const machine = 'a'.repeat(32)
/** The unit that the cluster runs; it is never destroyed for good, as the next requests create it again. */
export const units = ['a.service', 'b@1.service', 't@.service', 'g.timer', 'none.socket'] as const
const routes = ['web', 'api', 'x-1'] as const

type Make = (random: Random) => RawRequest

const get =
  (path: string | ((random: Random) => string)): Make =>
  (random) => ({
    method: 'GET',
    path: typeof path === 'string' ? path : path(random),
    headers: [],
    body: undefined,
  })

function json(method: string, path: string, body: unknown): RawRequest {
  return { method, path, headers: [['Content-Type', 'application/json']], body: Buffer.from(JSON.stringify(body)) }
}

const base = (random: Random) => random.pick(['/fleet/v1', '/fleet/v1', '/v1-alpha'])
const unit = (random: Random) => random.pick(units)

function unitBody(random: Random): unknown {
  const options = [
    { section: 'Service', name: 'ExecStart', value: `/bin/sleep ${random.below(3)}` },
    ...(random.chance(0.3) ? [{ section: 'X-Fleet', name: 'Conflicts', value: 'a*.service' }] : []),
  ]
  return {
    ...(random.chance(0.6) ? { options } : {}),
    ...(random.chance(0.7) ? { desiredState: random.pick(['inactive', 'loaded', 'launched']) } : {}),
  }
}

function patch(random: Random): unknown {
  const op = random.pick(['add', 'replace', 'remove'])
  const path = `/${random.pick([machine, 'b'.repeat(32)])}/metadata/${random.pick(['disk', 'region.x', 'a-b_c'])}`
  const value = random.pick<unknown>(['ssd', { value: 'ssd' }])
  return Array.from({ length: random.below(4) }, () => (op === 'remove' ? { op, path } : { op, path, value }))
}

const route = (random: Random) => ({
  units: random.pick([['a.service'], ['b@*', 'a.service']]),
  port: 1 + random.below(65_535),
  scheme: random.pick(['http', 'https']),
})

/** One maker for each operation of the API. */
export const makers: Readonly<Record<string, Make>> = {
  listUnits: get((random) => `${base(random)}/units`),
  getUnit: get((random) => `${base(random)}/units/${unit(random)}`),
  setUnit: (random) => json('PUT', `${base(random)}/units/${unit(random)}`, unitBody(random)),
  destroyUnit: (random) => ({ ...get(`${base(random)}/units/${unit(random)}`)(random), method: 'DELETE' }),
  listStates: get(
    (random) => `${base(random)}/state${random.pick(['', '?unitName=a.service', `?machineID=${machine}`])}`,
  ),
  getState: get((random) => `${base(random)}/state/${unit(random)}`),
  listMachines: get((random) => `${base(random)}/machines`),
  patchMachines: (random) => json('PATCH', `${base(random)}/machines`, patch(random)),
  getDiscovery: get((random) => `${base(random)}/discovery`),
  listRoutes: get('/flota/v1/routes'),
  setRoute: (random) => json('PUT', `/flota/v1/routes/${random.pick(routes)}`, route(random)),
  removeRoute: (random) => ({ ...get(`/flota/v1/routes/${random.pick(routes)}`)(random), method: 'DELETE' }),
  explainUnit: get((random) => `/flota/v1/units/${unit(random)}/why`),
  readLogs: get((random) => `/flota/v1/units/${unit(random)}/logs?lines=${random.below(20)}`),
  restartUnit: (random) =>
    json('POST', `/flota/v1/units/${unit(random)}/restart`, random.chance(0.5) ? {} : { after: random.below(5) }),
  watchEvents: get((random) => `/flota/v1/events${random.pick(['', '?from=1', '?from=999999'])}`),
  getMetrics: get('/metrics'),
  getOpenApi: get('/flota/v1/openapi.json'),
}

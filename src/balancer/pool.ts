import { createHash } from 'node:crypto'
import type { Endpoint, RouteScheme } from '../cluster/records.ts'
import type { Place, Upstream } from './upstreams.ts'

/** What nginx serves for one route, and how its endpoints stand. */
export interface Pool {
  readonly route: string
  readonly scheme: RouteScheme
  /** What requests go to: the healthy ones, or by the shrink guard those that served last. */
  readonly served: readonly Endpoint[]
  readonly healthy: readonly Endpoint[]
  /** Wanted here, but reported down or without an answer to the probe. */
  readonly unhealthy: readonly Endpoint[]
}

/** Where an endpoint is reached; the same for two routes that share it. */
export const endpointKey = (scheme: RouteScheme, { address, port }: Endpoint): string =>
  `${scheme}://${hostPort({ address, port })}`

export const hostPort = ({ address, port }: Pick<Endpoint, 'address' | 'port'>): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

export interface Health {
  isHealthy(key: string): boolean
  /** The keys that are served now: what the shrink guard falls back to. */
  isServed(key: string): boolean
}

/**
 * The pools to serve. Shrink guard: when no candidate answers its probe, those that served last stay, since a probe that fails
 * everywhere says more about the probe than about them; whoever is reported down is no candidate and goes all the same.
 */
export function toPools(upstreams: readonly Upstream[], health: Health): readonly Pool[] {
  return upstreams.flatMap((upstream) => (upstream.refusal === undefined ? [toPool(upstream, health)] : []))
}

function toPool({ route, scheme, places }: Upstream, health: Health): Pool {
  const candidates = places.filter((place) => place.standing === 'candidate')
  const healthy = candidates.filter((place) => health.isHealthy(endpointKey(scheme, place)))
  const guarded = candidates.filter((place) => health.isServed(endpointKey(scheme, place)))
  const unhealthy = places.filter((place) => place.standing !== 'leaving' && !healthy.includes(place))
  const served = healthy.length > 0 ? healthy : guarded
  return {
    route,
    scheme,
    served: served.map(toEndpoint),
    healthy: healthy.map(toEndpoint),
    unhealthy: unhealthy.map(toEndpoint),
  }
}

const toEndpoint = ({ unit, machine, address, port }: Place): Endpoint => ({ unit, machine, address, port })

/** The peers of every route as nginx reads them: a line with the version, then one line a route. The version is made from the content. */
export interface PeerTable {
  readonly version: string
  readonly text: string
}

export function toPeerTable(pools: readonly Pick<Pool, 'route' | 'served'>[]): PeerTable {
  const lines = pools.map(({ route, served }) => `${[route, ...served.map(hostPort)].join(' ')}\n`).join('')
  const version = createHash('sha256').update(lines).digest('hex').slice(0, 16)
  return { version, text: `version ${version}\n${lines}` }
}

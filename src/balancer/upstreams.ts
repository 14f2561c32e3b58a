import type { Endpoint, RouteRecord, RouteScheme } from '../cluster/records.ts'
import type { ClusterView } from '../cluster/view.ts'
import { compileGlob } from '../lib/glob.ts'
import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'

/**
 * How one place of a unit stands before any probe: `candidate` may be asked; `down` was reported failed, stopped or stopping;
 * `leaving` is on its way out by the engine's will. A state that is merely missing changes nothing: states vanish with
 * their machine's lease, endpoints do not.
 */
export type Standing = 'candidate' | 'down' | 'leaving'

export interface Place extends Endpoint {
  readonly standing: Standing
}

/** One route and every place of its units, sorted by unit, then machine. */
export interface Upstream {
  readonly route: string
  readonly scheme: RouteScheme
  readonly places: readonly Place[]
  /** Why this route is not served at all; absent when it is. */
  readonly refusal?: string
}

const downStates = new Set(['failed', 'inactive', 'deactivating'])

/** What the cluster wants balanced, by route name. One route that cannot be served leaves the others as they are. */
export function wantedUpstreams(view: ClusterView): readonly Upstream[] {
  const names = [...view.routes.keys()].toSorted()
  const owner = listenerOwner(view)
  return names.flatMap((route) => {
    const record = view.routes.get(route)?.value
    if (record === undefined) return []
    const refusal = refusalOf(route, owner)
    const upstream = { route, scheme: record.scheme, places: placesOf(view, record) }
    return [refusal === undefined ? upstream : { ...upstream, refusal }]
  })
}

/** Until routes name hosts, one route takes the public listener: the one that was there first, so that a new one takes nothing away. */
function listenerOwner(view: ClusterView): string | undefined {
  const oldestFirst = [...view.routes].toSorted(([a, one], [b, other]) => {
    if (one.createRevision === other.createRevision) return a < b ? -1 : 1
    return one.createRevision < other.createRevision ? -1 : 1
  })
  return oldestFirst.find(([name]) => isSafeName(name))?.[0]
}

function refusalOf(route: string, owner: string | undefined): string | undefined {
  if (!isSafeName(route))
    return `Cannot serve route '${route}': letters, digits, '-', '_' and '.' are expected in its name`
  if (route !== owner) return `Cannot serve route '${route}': the public port is taken by route '${owner ?? ''}'`
  return undefined
}

/** Route names and addresses become nginx's configuration: nothing else may pass. */
const isSafeName = (name: string): boolean => /^[A-Za-z0-9_.-]{1,64}$/.test(name)
const isSafeAddress = (address: string): boolean => /^[0-9.]{7,15}$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(address)

function placesOf(view: ClusterView, { units, port }: RouteRecord): readonly Place[] {
  const globs = units.map(compileGlob)
  const matched = [...view.units.keys()].filter((unit) => globs.some((matches) => matches(unit))).toSorted()
  return matched.flatMap((unit) => {
    const machines = [...view.placesOf(unit).keys()].toSorted()
    return machines.flatMap((machine) => {
      const place = placeOn(view, unit, machine)
      return place === undefined ? [] : [{ ...place, port }]
    })
  })
}

function placeOn(view: ClusterView, unit: UnitName, machine: MachineId): Omit<Place, 'port'> | undefined {
  const schedule = view.placesOf(unit).get(machine)?.value
  const address = view.machines.get(machine)?.record?.value.publicIp
  if (schedule?.desired !== 'launched' || address === undefined || !isSafeAddress(address)) return undefined
  const active = view.statesOf(unit).get(machine)?.value.active
  const isDown = active !== undefined && downStates.has(active)
  const standing = schedule.phase !== 'placed' ? 'leaving' : isDown ? 'down' : 'candidate'
  return { unit, machine, address, standing }
}

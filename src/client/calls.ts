import { codeOfStatus } from '../api/errors.ts'
import type {
  RouteBody,
  UnitBody,
  WireError,
  WireLogs,
  WireMachine,
  WireRoute,
  WireUnit,
  WireUnitState,
  WireWhy,
} from '../api/schemas.ts'
import { FlotaError } from '../lib/errors.ts'
import type { ApiAnswer, ApiClient, ApiRequest } from './api-client.ts'

export type { RouteBody, UnitBody, WireMachine, WireRoute, WireUnit, WireUnitState, WireWhy, WireLogs }

export async function listMachines(client: ApiClient): Promise<readonly WireMachine[]> {
  return allPages(client, '/fleet/v1/machines', 'machines')
}

export async function listUnits(client: ApiClient): Promise<readonly WireUnit[]> {
  return allPages(client, '/fleet/v1/units', 'units')
}

/** Of every unit, or of one. */
export async function listStates(client: ApiClient, unit = ''): Promise<readonly WireUnitState[]> {
  const path = unit === '' ? '/fleet/v1/state' : `/fleet/v1/state?unitName=${encodeURIComponent(unit)}`
  return allPages(client, path, 'states')
}

/** Undefined when the cluster does not know the unit. */
export async function getUnit(client: ApiClient, name: string): Promise<WireUnit | undefined> {
  const answer = await client.send({ method: 'GET', path: unitPath(name) })
  return bodyOrNothing(answer, `read unit '${name}'`) as WireUnit | undefined
}

/** `created` = new, or with new content. */
export async function putUnit(client: ApiClient, name: string, body: UnitBody): Promise<'created' | 'changed'> {
  const answer = await client.send(putRequest(unitPath(name), body))
  if (answer.status === 201) return 'created'
  if (answer.status === 204) return 'changed'
  throw refused(answer, `write unit '${name}'`)
}

/** False when there was no such unit. */
export async function deleteUnit(client: ApiClient, name: string): Promise<boolean> {
  const answer = await client.send({ method: 'DELETE', path: unitPath(name) })
  if (answer.status === 404) return false
  if (answer.status !== 204) throw refused(answer, `destroy unit '${name}'`)
  return true
}

/** Undefined when the cluster does not know the unit. */
export async function getWhy(client: ApiClient, name: string): Promise<WireWhy | undefined> {
  const path = `/flota/v1/units/${encodeURIComponent(name)}/why`
  return bodyOrNothing(await client.send({ method: 'GET', path }), `explain unit '${name}'`) as WireWhy | undefined
}

export interface LogRange {
  readonly lines: number
  readonly after: string | undefined
}

/** Undefined where the machine that answers does not have the unit. */
export async function readLogs(client: ApiClient, name: string, range: LogRange): Promise<WireLogs | undefined> {
  const { lines, after } = range
  const query = after === undefined ? `lines=${lines}` : `lines=${lines}&after=${encodeURIComponent(after)}`
  const path = `/flota/v1/units/${encodeURIComponent(name)}/logs?${query}`
  return bodyOrNothing(await client.send({ method: 'GET', path }), `read logs of unit '${name}'`) as
    WireLogs | undefined
}

/** Asks for a new start of a launched unit, unless its generation is past `after` already. */
export async function restartUnit(client: ApiClient, name: string, after: number): Promise<void> {
  const path = `/flota/v1/units/${encodeURIComponent(name)}/restart`
  const headers = { 'Content-Type': 'application/json' }
  const answer = await client.send({ method: 'POST', path, headers, body: JSON.stringify({ after }) })
  if (answer.status !== 200) throw refused(answer, `restart unit '${name}'`)
}

export async function listRoutes(client: ApiClient): Promise<readonly WireRoute[]> {
  const answer = await client.send({ method: 'GET', path: '/flota/v1/routes' })
  return (bodyOf(answer, 'list routes') as { routes: readonly WireRoute[] }).routes
}

export async function setRoute(client: ApiClient, name: string, route: RouteBody): Promise<void> {
  const answer = await client.send(putRequest(routePath(name), route))
  if (answer.status !== 201 && answer.status !== 204) throw refused(answer, `set route '${name}'`)
}

export async function removeRoute(client: ApiClient, name: string): Promise<void> {
  const answer = await client.send({ method: 'DELETE', path: routePath(name) })
  if (answer.status !== 204) throw refused(answer, `remove route '${name}'`)
}

export interface MetadataOperation {
  readonly op: 'add' | 'remove'
  /** `/MACHINE/metadata/KEY` */
  readonly path: string
  readonly value?: string
}

/** Changes dynamic metadata: all of the operations, or none. */
export async function patchMetadata(client: ApiClient, operations: readonly MetadataOperation[]): Promise<void> {
  const body = JSON.stringify(operations)
  const answer = await client.send({ method: 'PATCH', path: '/fleet/v1/machines', body })
  if (answer.status !== 204) throw refused(answer, 'change the metadata of machines')
}

function putRequest(path: string, body: UnitBody | RouteBody): ApiRequest {
  return { method: 'PUT', path, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

const unitPath = (name: string): string => `/fleet/v1/units/${encodeURIComponent(name)}`
const routePath = (name: string): string => `/flota/v1/routes/${encodeURIComponent(name)}`

/** The wire types are believed: the API makes its answers from the same schemas. */
async function allPages<T>(
  client: ApiClient,
  path: string,
  member: 'machines' | 'units' | 'states',
): Promise<readonly T[]> {
  const items: T[] = []
  const joint = path.includes('?') ? '&' : '?'
  for (let query = ''; ;) {
    const answer = await client.send({ method: 'GET', path: `${path}${query}` })
    const page = bodyOf(answer, `read '${path}'`) as Readonly<Record<string, unknown>>
    items.push(...((page[member] ?? []) as readonly T[]))
    if (typeof page['nextPageToken'] !== 'string') return items
    query = `${joint}nextPageToken=${encodeURIComponent(page['nextPageToken'])}`
  }
}

function bodyOrNothing(answer: ApiAnswer, what: string): unknown {
  return answer.status === 404 ? undefined : bodyOf(answer, what)
}

function bodyOf(answer: ApiAnswer, what: string): unknown {
  if (answer.status !== 200) throw refused(answer, what)
  try {
    return JSON.parse(answer.body)
  } catch (cause) {
    throw new FlotaError('internal', `Cannot ${what}: the answer is not JSON`, {
      cause,
      hint: 'Check that the endpoint is the API of Flota or of fleet',
    })
  }
}

/** What the API said no to, in the words that fleet's clients print, which scripts look for. */
function refused(answer: ApiAnswer, what: string): FlotaError {
  const { status, body } = answer
  const { message, hint } = errorOf(answer)
  const why = message === '' ? `got HTTP response code ${status} with body: ${body}` : `Error ${status}: ${message}`
  return new FlotaError(codeOfStatus(status), `googleapi: ${why}`, {
    hint: hint ?? `This was the answer when it was to ${what}`,
  })
}

/** The message is empty where the answer has none. */
function errorOf({ body }: ApiAnswer): WireError['error'] {
  try {
    return (JSON.parse(body) as WireError).error
  } catch {
    return { code: 0, message: '' }
  }
}

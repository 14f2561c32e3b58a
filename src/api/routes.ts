import type { RouteRecord, RouteStatus } from '../cluster/records.ts'
import type { ClusterView } from '../cluster/view.ts'
import { FlotaError } from '../lib/errors.ts'
import { compileGlob } from '../lib/glob.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readView } from './api-scope.ts'
import { contentTypeFault, decodeBody } from './body.ts'
import { compareAndSwap } from './compare-and-swap.ts'
import { errorBody } from './errors.ts'
import { refuseOtherMethods } from './methods.ts'
import type { RouteBody, WireRoute } from './schemas.ts'
import { nameParamsSchema, nothing, refusals, routeBodySchema, routeListSchema } from './schemas.ts'
import { compareText } from './wire.ts'

interface Named {
  Params: { name: string }
}

const list = '/flota/v1/routes'
const one = `${list}/:name`

/** What to balance: routes, with the health that the balancers report. */
export function registerRoutes(app: Api, scope: ApiScope): void {
  const listSchema = {
    operationId: 'listRoutes',
    summary: 'What is balanced, and how it is',
    response: { 200: routeListSchema, ...refusals(503) },
  }
  app.get(list, { schema: listSchema }, async () => {
    const view = await readView(scope)
    const routes = [...view.routes].toSorted(([a], [b]) => compareText(a, b))
    return { routes: routes.map(([name, { value }]) => toWireRoute(view, name, value)) }
  })
  refuseOtherMethods(app, { path: list, allowed: ['GET'], message: 'only GET supported against this resource' })
  registerPut(app, scope)
  const deleteSchema = {
    operationId: 'removeRoute',
    summary: 'Balance something no more',
    params: nameParamsSchema,
    response: { 204: nothing, ...refusals(400, 404, 409, 503) },
  }
  app.delete<Named>(one, { schema: deleteSchema }, async (request, reply) => {
    const { name } = request.params
    const key = keys.route(checkedName(name))
    await compareAndSwap(scope, key, (value) => {
      if (value === undefined) throw noSuchRoute(name)
      return [{ kind: 'delete', key }]
    })
    return reply.status(204).send()
  })
  const message = 'only PUT and DELETE supported against this resource'
  refuseOtherMethods(app, { path: one, allowed: ['PUT', 'DELETE'], message })
}

function registerPut(app: Api, scope: ApiScope): void {
  app.put<Named & { Body: RouteBody }>(
    one,
    {
      schema: {
        operationId: 'setRoute',
        summary: 'Balance over units',
        params: nameParamsSchema,
        body: routeBodySchema,
        response: { 201: nothing, 204: nothing, ...refusals(400, 409, 415, 503) },
      },
      preValidation: async (request, reply) => {
        const fault = contentTypeFault(request)
        if (fault !== undefined) return reply.status(415).send(errorBody(415, fault))
        decodeBody(request)
      },
    },
    async (request, reply) => {
      const { units, port, scheme } = request.body
      const key = keys.route(checkedName(request.params.name))
      const value = codecs.route.encode({ units, port, scheme })
      const before = await compareAndSwap(scope, key, () => [{ kind: 'put', key, value }])
      return reply.status(before === undefined ? 201 : 204).send()
    },
  )
}

/** A route's name becomes a part of nginx's configuration and of a key. */
function checkedName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name
  throw new FlotaError('invalid_argument', `Cannot use route name '${name}': it is not a plain word`, {
    hint: "A route's name has up to 63 lower-case letters, digits and '-', and starts with a letter or a digit",
  })
}

function noSuchRoute(name: string): FlotaError {
  return new FlotaError('not_found', `Cannot remove route '${name}': there is no such route`, {
    hint: "'flota routes' lists the routes",
  })
}

function toWireRoute(view: ClusterView, name: string, route: RouteRecord): WireRoute {
  const { units, port, scheme } = route
  const serving = [...view.balancers]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([, { value }]) => {
      const status = value.routes[name]
      return status === undefined ? [] : [{ address: value.address, status }]
    })
  const [first] = serving
  const error = serving.find(({ status }) => status.error !== undefined)?.status.error
  return {
    name,
    ...(first === undefined ? {} : { url: `https://${first.address}/` }),
    units: [...units],
    healthy: fewestHealthy(serving.map(({ status }) => status)),
    total: wantedUnits(view, units),
    port,
    scheme,
    ...(error === undefined ? {} : { error }),
  }
}

/** What every balancer serves: the one that sees the fewest healthy instances counts. */
function fewestHealthy(statuses: readonly RouteStatus[]): number {
  return statuses.length === 0 ? 0 : Math.min(...statuses.map(({ healthy }) => healthy.length))
}

function wantedUnits(view: ClusterView, patterns: readonly string[]): number {
  const matchers = patterns.map(compileGlob)
  const isWanted = (name: string) => matchers.some((matches) => matches(name))
  return [...view.units].filter(([name, { value }]) => value.desired === 'launched' && isWanted(name)).length
}

import { keys } from '../store/keys.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readLatestView, readView } from './api-scope.ts'
import { byRevision } from './by-revision.ts'
import { contentTypeFault } from './body.ts'
import { errorBody } from './errors.ts'
import { refuseOtherMethods } from './methods.ts'
import { checkOneName } from './one-name.ts'
import { paginate } from './page-token.ts'
import { queryValues } from './query.ts'
import type { UnitBody } from './schemas.ts'
import { nameParamsSchema, nothing, pageQuerySchema, refusals } from './schemas.ts'
import { unitBodySchema, unitPageSchema, unitSchema } from './schemas.ts'
import { decodeUnitBody } from './unit-body.ts'
import { deleteUnit, putUnit, toKnownName, unitDoesNotExist } from './unit-writes.ts'
import { compareText, toListedUnit, toWireUnit } from './wire.ts'

interface Named {
  Params: { name: string }
}

const unitNames = byRevision((view) => [...view.units.keys()].toSorted(compareText))

export function registerUnits(app: Api, base: string, scope: ApiScope): void {
  const listSchema = {
    operationId: 'listUnits',
    summary: 'Units, a page at a time',
    querystring: pageQuerySchema,
    response: { 200: unitPageSchema, ...refusals(400, 503) },
  }
  app.get(`${base}/units`, { schema: listSchema }, async (request) => {
    const view = await readView(scope)
    const { items, ...next } = paginate(unitNames(view), queryValues(request.query, 'nextPageToken'), scope.tokenLimit)
    const units = items.flatMap((name) => toListedUnit(view, name) ?? [])
    return units.length === 0 ? next : { ...next, units }
  })
  refuseOtherMethods(app, {
    path: `${base}/units`,
    allowed: ['GET'],
    message: 'only GET supported against this resource',
  })
  registerUnit(app, `${base}/units/:name`, scope)
  refuseOtherMethods(app, {
    path: `${base}/units/:name`,
    allowed: ['GET', 'PUT', 'DELETE'],
    message: 'only GET, PUT and DELETE supported against this resource',
  })
}

function registerUnit(app: Api, path: string, scope: ApiScope): void {
  const params = nameParamsSchema
  const getSchema = { operationId: 'getUnit', summary: 'One unit', params }
  const getResponse = { 200: unitSchema, ...refusals(404, 503) }
  app.get<Named>(path, { schema: { ...getSchema, response: getResponse } }, async (request) => {
    checkOneName(request.params)
    const name = toKnownName(request.params.name)
    const unit = toWireUnit(await readLatestView(scope, keys.unit(name)), name)
    if (unit === undefined) throw unitDoesNotExist()
    return unit
  })

  app.put<Named & { Body: UnitBody }>(
    path,
    {
      schema: {
        operationId: 'setUnit',
        summary: 'Create a unit, replace its content or set its desired state',
        params,
        body: unitBodySchema,
        response: { 201: nothing, 204: nothing, ...refusals(400, 404, 409, 415, 503) },
      },
      preValidation: async (request, reply) => {
        checkOneName(request.params)
        const fault = contentTypeFault(request)
        if (fault !== undefined) return reply.status(415).send(errorBody(415, fault))
        request.body = decodeUnitBody(request.body)
      },
    },
    async (request, reply) => {
      const outcome = await putUnit(scope, request.params.name, request.body)
      return reply.status(outcome === 'created' ? 201 : 204).send()
    },
  )

  const deleteSchema = { operationId: 'destroyUnit', summary: 'Destroy a unit', params }
  const deleteResponse = { 204: nothing, ...refusals(404, 409, 503) }
  app.delete<Named>(path, { schema: { ...deleteSchema, response: deleteResponse } }, async (request, reply) => {
    checkOneName(request.params)
    await deleteUnit(scope, request.params.name)
    return reply.status(204).send()
  })
}

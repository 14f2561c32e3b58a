import { FlotaError } from '../lib/errors.ts'
import { keys } from '../store/keys.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readLatestView, readView } from './api-scope.ts'
import { contentTypeFault, decodeBody } from './body.ts'
import { errorBody } from './errors.ts'
import { refuseOtherMethods } from './methods.ts'
import { paginate } from './page-token.ts'
import { queryValues } from './query.ts'
import type { UnitBody } from './schemas.ts'
import { unitBodySchema, unitPageSchema, unitSchema } from './schemas.ts'
import { deleteUnit, putUnit, toKnownName, unitDoesNotExist } from './unit-writes.ts'
import { compareText, toWireUnit } from './wire.ts'

interface Named {
  Params: { name: string }
}

export function registerUnits(app: Api, base: string, scope: ApiScope): void {
  app.get(`${base}/units`, { schema: { response: { 200: unitPageSchema } } }, async (request) => {
    const view = await readView(scope)
    const names = [...view.units.keys()].toSorted(compareText)
    const { items, ...next } = paginate(names, queryValues(request.query, 'nextPageToken'), scope.tokenLimit)
    const units = items.flatMap((name) => toWireUnit(view, name) ?? [])
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
  app.get<Named>(path, { schema: { response: { 200: unitSchema } } }, async (request) => {
    checkOneName(request.params.name)
    const name = toKnownName(request.params.name)
    const unit = toWireUnit(await readLatestView(scope, keys.unit(name)), name)
    if (unit === undefined) throw unitDoesNotExist()
    return unit
  })

  app.put<Named & { Body: UnitBody }>(
    path,
    {
      schema: { body: unitBodySchema },
      preValidation: async (request, reply) => {
        checkOneName(request.params.name)
        const fault = contentTypeFault(request)
        if (fault !== undefined) return reply.status(415).send(errorBody(415, fault))
        decodeBody(request)
      },
    },
    async (request, reply) => {
      const outcome = await putUnit(scope, request.params.name, request.body)
      return reply.status(outcome === 'created' ? 201 : 204).send()
    },
  )

  app.delete<Named>(path, async (request, reply) => {
    checkOneName(request.params.name)
    await deleteUnit(scope, request.params.name)
    return reply.status(204).send()
  })
}

/** `a%2Fb` is a path below the unit, as it is for fleet, and there is none. */
function checkOneName(name: string): void {
  if (name.includes('/') || name === '') throw new FlotaError('not_found', '')
}

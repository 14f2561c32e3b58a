import type { UnitRow } from '../cluster/rows.ts'
import { toUnitRows } from '../cluster/rows.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readView } from './api-scope.ts'
import { byRevision } from './by-revision.ts'
import { refuseOtherMethods } from './methods.ts'
import { checkOneName } from './one-name.ts'
import { paginate } from './page-token.ts'
import { queryValues } from './query.ts'
import { nameParamsSchema, refusals, stateQuerySchema, unitStatePageSchema, unitStateSchema } from './schemas.ts'
import { toWireState } from './wire.ts'

const unitRows = byRevision(toUnitRows)

const onlyGet = 'only GET supported against this resource'

export function registerStates(app: Api, base: string, scope: ApiScope): void {
  const schema = {
    operationId: 'listStates',
    summary: 'States of units as systemd on their machines reports them, a page at a time',
    querystring: stateQuerySchema,
    response: { 200: unitStatePageSchema, ...refusals(400, 503) },
  }
  app.get(`${base}/state`, { schema }, async (request) => {
    const tokens = queryValues(request.query, 'nextPageToken')
    const { items, ...next } = paginate(await listStates(scope, request.query), tokens, scope.tokenLimit)
    return items.length === 0 ? next : { ...next, states: items.map(toWireState) }
  })
  refuseOtherMethods(app, { path: `${base}/state`, allowed: ['GET'], message: onlyGet })

  app.get<{ Params: { name: string } }>(
    `${base}/state/:name`,
    {
      schema: {
        operationId: 'getState',
        summary: 'The first state of one unit',
        params: nameParamsSchema,
        response: { 200: unitStateSchema, ...refusals(404, 503) },
      },
    },
    async (request) => {
      checkOneName(request.params)
      const first = unitRows(await readView(scope)).find(({ unit }) => unit === request.params.name)
      if (first === undefined) throw new FlotaError('not_found', 'unit state does not exist')
      return toWireState(first)
    },
  )
  refuseOtherMethods(app, { path: `${base}/state/:name`, allowed: ['GET'], message: onlyGet })
}

async function listStates(scope: ApiScope, query: unknown): Promise<readonly UnitRow[]> {
  const [unitName = ''] = queryValues(query, 'unitName')
  const [machineId = ''] = queryValues(query, 'machineID')
  const rows = unitRows(await readView(scope))
  if (unitName === '' && machineId === '') return rows
  return rows.filter(
    ({ unit, machine }) => (unitName === '' || unit === unitName) && (machineId === '' || machine === machineId),
  )
}

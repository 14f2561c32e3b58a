import type { StateRecord } from '../cluster/records.ts'
import type { ClusterView } from '../cluster/view.ts'
import { FlotaError } from '../lib/errors.ts'
import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readView } from './api-scope.ts'
import { refuseOtherMethods } from './methods.ts'
import { paginate } from './page-token.ts'
import { queryValues } from './query.ts'
import { unitStatePageSchema, unitStateSchema } from './schemas.ts'
import { compareText, toWireState } from './wire.ts'

interface Reported {
  readonly name: UnitName
  readonly machine: MachineId
  readonly state: StateRecord
}

const onlyGet = 'only GET supported against this resource'

export function registerStates(app: Api, base: string, scope: ApiScope): void {
  app.get(`${base}/state`, { schema: { response: { 200: unitStatePageSchema } } }, async (request) => {
    const tokens = queryValues(request.query, 'nextPageToken')
    const { items, ...next } = paginate(await listStates(scope, request.query), tokens, scope.tokenLimit)
    return items.length === 0 ? next : { ...next, states: items.map((s) => toWireState(s.name, s.machine, s.state)) }
  })
  refuseOtherMethods(app, { path: `${base}/state`, allowed: ['GET'], message: onlyGet })

  app.get<{ Params: { name: string } }>(
    `${base}/state/:name`,
    { schema: { response: { 200: unitStateSchema } } },
    async (request) => {
      const first = statesOf(await readView(scope)).find(({ name }) => name === request.params.name)
      if (first === undefined) throw new FlotaError('not_found', 'unit state does not exist')
      return toWireState(first.name, first.machine, first.state)
    },
  )
  refuseOtherMethods(app, { path: `${base}/state/:name`, allowed: ['GET'], message: onlyGet })
}

async function listStates(scope: ApiScope, query: unknown): Promise<readonly Reported[]> {
  const [unitName = ''] = queryValues(query, 'unitName')
  const [machineId = ''] = queryValues(query, 'machineID')
  return statesOf(await readView(scope)).filter(
    ({ name, machine }) => (unitName === '' || name === unitName) && (machineId === '' || machine === machineId),
  )
}

/** Of every unit that a machine reports, also one that was destroyed and is still stopping. */
function statesOf(view: ClusterView): readonly Reported[] {
  return [...view.machines.keys()]
    .flatMap((machine) => [...view.reportedOn(machine)].map(([name, { value }]) => ({ name, machine, state: value })))
    .toSorted((a, b) => compareText(a.name, b.name) || compareText(a.machine, b.machine))
}

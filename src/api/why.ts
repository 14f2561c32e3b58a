import type { ScheduleRecord } from '../cluster/records.ts'
import { currentStateOf } from '../cluster/rows.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'
import { keys } from '../store/keys.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readLatestView } from './api-scope.ts'
import { refuseOtherMethods } from './methods.ts'
import type { WirePlace, WireWhy } from './schemas.ts'
import { nameParamsSchema, refusals, whySchema } from './schemas.ts'
import { toKnownName, unitDoesNotExist } from './unit-writes.ts'
import { compareText } from './wire.ts'

/** Why a unit is where it is, or nowhere: the engine's own words. */
export function registerWhy(app: Api, scope: ApiScope): void {
  const path = '/flota/v1/units/:name/why'
  const schema = {
    operationId: 'explainUnit',
    summary: 'Why a unit is where it is, or nowhere',
    params: nameParamsSchema,
    response: { 200: whySchema, ...refusals(404, 503) },
  }
  app.get<{ Params: { name: string } }>(path, { schema }, async (request) => {
    const name = toKnownName(request.params.name)
    const why = toWhy(await readLatestView(scope, keys.unit(name)), name)
    if (why === undefined) throw unitDoesNotExist()
    return why
  })
  refuseOtherMethods(app, { path, allowed: ['GET'], message: 'only GET supported against this resource' })
}

function toWhy(view: ClusterView, name: UnitName): WireWhy | undefined {
  const unit = view.units.get(name)?.value
  if (unit === undefined) return undefined
  const currentState = currentStateOf(view, name)
  const waiting = view.waiting.get(name)?.value
  return {
    name,
    desiredState: unit.desired,
    ...(currentState === undefined ? {} : { currentState }),
    generation: unit.generation,
    isGlobal: view.globals.has(name),
    places: [...view.placesOf(name)]
      .toSorted(([a, x], [b, y]) => rank(x.value) - rank(y.value) || compareText(a, b))
      .map(([machine, { value }]) => toWirePlace(view, name, { machine, schedule: value })),
    ...(waiting === undefined ? {} : { waiting: { ...waiting, rejections: waiting.rejections.map(toWireRejection) } }),
  }
}

/** While a unit moves, its new place comes first. */
const rank = ({ phase }: ScheduleRecord): number => ['placed', 'draining', 'leaving'].indexOf(phase)

interface Place {
  readonly machine: MachineId
  readonly schedule: ScheduleRecord
}

function toWirePlace(view: ClusterView, name: UnitName, { machine, schedule }: Place): WirePlace {
  const state = view.statesOf(name).get(machine)?.value
  return {
    machineID: machine,
    primaryIP: view.machines.get(machine)?.record?.value.publicIp ?? '',
    phase: schedule.phase,
    reason: schedule.reason,
    ...(state === undefined ? {} : { state: { load: state.load, active: state.active, sub: state.sub } }),
  }
}

function toWireRejection({ machine, filter, reason }: { machine: string; filter: string; reason: string }) {
  return { machineID: machine, filter, reason }
}

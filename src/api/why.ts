import type { ClusterView } from '../cluster/view.ts'
import { keys } from '../store/keys.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readLatestView } from './api-scope.ts'
import type { Place } from './current-state.ts'
import { currentStateOf, placesOf } from './current-state.ts'
import { refuseOtherMethods } from './methods.ts'
import type { WirePlace, WireWhy } from './schemas.ts'
import { whySchema } from './schemas.ts'
import { toKnownName, unitDoesNotExist } from './unit-writes.ts'
import { isGlobal } from './wire.ts'

/** Why a unit is where it is, or nowhere: the engine's own words. */
export function registerWhy(app: Api, scope: ApiScope): void {
  const path = '/flota/v1/units/:name/why'
  app.get<{ Params: { name: string } }>(path, { schema: { response: { 200: whySchema } } }, async (request) => {
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
    isGlobal: isGlobal(view, name),
    places: placesOf(view, name).map((place) => toWirePlace(view, name, place)),
    ...(waiting === undefined ? {} : { waiting: { ...waiting, rejections: waiting.rejections.map(toWireRejection) } }),
  }
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

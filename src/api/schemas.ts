import type { Static, TObject } from 'typebox'
import { Type } from 'typebox'

/**
 * The bodies of the API, once: they check what comes in, describe what goes out and give the types. Members of fleet's own bodies are
 * listed in the order of the alphabet, as fleet sends them, and one that is empty is left out.
 */
const stateWord = Type.Union([Type.Literal('inactive'), Type.Literal('loaded'), Type.Literal('launched')])

export const unitOptionSchema = Type.Object({
  name: Type.Optional(Type.String()),
  section: Type.Optional(Type.String()),
  value: Type.Optional(Type.String()),
})

export const unitSchema = Type.Object({
  currentState: Type.Optional(stateWord),
  desiredState: Type.Optional(stateWord),
  machineID: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  options: Type.Optional(Type.Array(unitOptionSchema)),
})
export type WireUnit = Static<typeof unitSchema>

/** What `PUT /units/NAME` takes: the states are words here, so that a wrong one is named in the answer; others are ignored. */
export const unitBodySchema = Type.Object({
  desiredState: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  options: Type.Optional(Type.Array(unitOptionSchema)),
})
export type UnitBody = Static<typeof unitBodySchema>

export const unitStateSchema = Type.Object({
  hash: Type.Optional(Type.String()),
  machineID: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  systemdActiveState: Type.Optional(Type.String()),
  systemdLoadState: Type.Optional(Type.String()),
  systemdSubState: Type.Optional(Type.String()),
})
export type WireUnitState = Static<typeof unitStateSchema>

export const machineSchema = Type.Object({
  id: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  primaryIP: Type.Optional(Type.String()),
})
export type WireMachine = Static<typeof machineSchema>

/** What `PATCH /machines` takes: fleet's form of JSON Patch, with the value as a text or, as fleet's code wanted, in an object. */
const metadataOperationSchema = Type.Object({
  op: Type.Union([Type.Literal('add'), Type.Literal('remove'), Type.Literal('replace')]),
  path: Type.String({ pattern: '^/[^/]+/metadata/[A-Za-z0-9_.-]+$' }),
  value: Type.Optional(Type.Union([Type.String(), Type.Object({ value: Type.String() })])),
})
export const metadataPatchSchema = Type.Array(metadataOperationSchema)

const pageToken = { nextPageToken: Type.Optional(Type.String()) }
export const unitPageSchema = Type.Object({ ...pageToken, units: Type.Optional(Type.Array(unitSchema)) })
export const unitStatePageSchema = Type.Object({ ...pageToken, states: Type.Optional(Type.Array(unitStateSchema)) })
export const machinePageSchema = Type.Object({ ...pageToken, machines: Type.Optional(Type.Array(machineSchema)) })
export type WireUnitPage = Static<typeof unitPageSchema>
export type WireUnitStatePage = Static<typeof unitStatePageSchema>
export type WireMachinePage = Static<typeof machinePageSchema>

export const errorSchema = Type.Object({
  error: Type.Object({ code: Type.Integer(), message: Type.String(), hint: Type.Optional(Type.String()) }),
})
export type WireError = Static<typeof errorSchema>

const routeScheme = Type.Union([Type.Literal('http'), Type.Literal('https')])
export const routeBodySchema = Type.Object({
  units: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  scheme: routeScheme,
})
export type RouteBody = Static<typeof routeBodySchema>

export const routeSchema = Type.Object({
  name: Type.String(),
  /** Where the public reaches it; absent while no balancer serves it. */
  url: Type.Optional(Type.String()),
  units: Type.Array(Type.String()),
  healthy: Type.Integer(),
  total: Type.Integer(),
  port: Type.Integer(),
  scheme: routeScheme,
  /** Why a balancer does not serve the wanted configuration. */
  error: Type.Optional(Type.String()),
})
export const routeListSchema = Type.Object({ routes: Type.Array(routeSchema) })
export type WireRoute = Static<typeof routeSchema>

export const restartBodySchema = Type.Object({
  /** The generation to restart from: a unit that is past it is left alone. */
  after: Type.Optional(Type.Integer({ minimum: 0 })),
})
export type RestartBody = Static<typeof restartBodySchema>

export const restartSchema = Type.Object({ name: Type.String(), generation: Type.Integer() })
export type WireRestart = Static<typeof restartSchema>

const placeSchema = Type.Object({
  machineID: Type.String(),
  primaryIP: Type.String(),
  phase: Type.String(),
  reason: Type.String(),
  /** What systemd there says; absent while nothing was reported. */
  state: Type.Optional(Type.Object({ load: Type.String(), active: Type.String(), sub: Type.String() })),
})

export const whySchema = Type.Object({
  name: Type.String(),
  desiredState: stateWord,
  currentState: Type.Optional(stateWord),
  /** Grows each time a new start is asked for. */
  generation: Type.Integer(),
  isGlobal: Type.Boolean(),
  places: Type.Array(placeSchema),
  /** Why a wanted unit is on no machine; absent when it is on one, or when nothing was decided yet. */
  waiting: Type.Optional(
    Type.Object({
      reason: Type.String(),
      rejections: Type.Array(Type.Object({ machineID: Type.String(), filter: Type.String(), reason: Type.String() })),
    }),
  ),
})
export type WireWhy = Static<typeof whySchema>
export type WirePlace = Static<typeof placeSchema>

export const logsQuerySchema = Type.Object({
  lines: Type.Optional(Type.String({ description: 'The last so many; with `after` the first so many' })),
  after: Type.Optional(Type.String({ description: 'The cursor of the last line that is known' })),
})
const logLineSchema = Type.Object({
  cursor: Type.String(),
  time: Type.String(),
  source: Type.String(),
  message: Type.String(),
})
export const logsSchema = Type.Object({ machineID: Type.String(), lines: Type.Array(logLineSchema) })
export type WireLogs = Static<typeof logsSchema>

/** Documents whose form is a standard of its own. */
export const discoverySchema = Type.Unsafe<object>({ type: 'object', title: 'Google API discovery document' })
export const openApiSchema = Type.Unsafe<object>({ type: 'object', title: 'OpenAPI document' })

/** `contentType`: of what is not JSON. */
export const eventsSchema = Type.Unsafe<unknown>({
  type: 'string',
  contentType: 'text/event-stream',
  description: "Events named 'reset', 'unit', 'place', 'state', 'waiting', 'machine', 'leader', 'route' and 'balancer'",
})
export const metricsSchema = Type.Unsafe<string>({ type: 'string', contentType: 'text/plain' })
export const eventsQuerySchema = Type.Object({
  from: Type.Optional(Type.String({ description: 'The last revision that is known; Last-Event-ID wins over it' })),
})

/** An answer without a body. */
export const nothing = Type.Null()

type Refusal = 400 | 404 | 409 | 415 | 503

/** The statuses besides success that a route may answer, each with the body of an error. */
export function refusals<S extends Refusal>(...statuses: readonly S[]): Record<S, typeof errorSchema> {
  return Object.fromEntries(statuses.map((status) => [status, errorSchema])) as Record<S, typeof errorSchema>
}

export const pageQuerySchema = Type.Object({
  nextPageToken: Type.Optional(Type.String({ description: 'The token of the page before this one' })),
})
export const stateQuerySchema = Type.Object({
  ...pageQuerySchema.properties,
  unitName: Type.Optional(Type.String({ description: 'Only states of this unit' })),
  machineID: Type.Optional(Type.String({ description: 'Only states on this machine' })),
})
export const nameParamsSchema = Type.Object({ name: Type.String() })

/** Every body that has a name in the OpenAPI document; fleet's have the one that they have in the discovery document. */
export const namedSchemas: Readonly<Record<string, TObject>> = {
  Machine: machineSchema,
  MachinePage: machinePageSchema,
  UnitOption: unitOptionSchema,
  Unit: unitSchema,
  UnitBody: unitBodySchema,
  UnitPage: unitPageSchema,
  UnitState: unitStateSchema,
  UnitStatePage: unitStatePageSchema,
  MetadataOperation: metadataOperationSchema,
  Error: errorSchema,
  Route: routeSchema,
  RouteBody: routeBodySchema,
  RouteList: routeListSchema,
  Place: placeSchema,
  Why: whySchema,
  Restart: restartSchema,
  RestartBody: restartBodySchema,
  LogLine: logLineSchema,
  Logs: logsSchema,
}

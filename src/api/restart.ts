import type { UnitRecord } from '../cluster/records.ts'
import { FlotaError } from '../lib/errors.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { contentTypeFault, decodeBody } from './body.ts'
import { compareAndSwap } from './compare-and-swap.ts'
import { errorBody } from './errors.ts'
import { refuseOtherMethods } from './methods.ts'
import type { RestartBody, WireRestart } from './schemas.ts'
import { nameParamsSchema, refusals, restartBodySchema, restartSchema } from './schemas.ts'
import { toKnownName, unitDoesNotExist } from './unit-writes.ts'

/**
 * Asks for a new start of a launched unit: its generation is raised, and its machine stops and starts it. With `after` in the body only
 * while the generation is still that one, so that a client may send the request twice.
 */
export function registerRestart(app: Api, scope: ApiScope): void {
  const path = '/flota/v1/units/:name/restart'
  app.post<{ Params: { name: string }; Body: RestartBody }>(
    path,
    {
      schema: {
        operationId: 'restartUnit',
        summary: 'Start a launched unit anew',
        params: nameParamsSchema,
        body: restartBodySchema,
        response: { 200: restartSchema, ...refusals(400, 404, 409, 415, 503) },
      },
      preValidation: async (request, reply) => {
        if (isEmpty(request.body)) {
          request.body = {}
          return
        }
        const fault = contentTypeFault(request)
        if (fault !== undefined) return reply.status(415).send(errorBody(415, fault))
        decodeBody(request)
      },
    },
    (request) => restartUnit(scope, toKnownName(request.params.name), request.body.after),
  )
  refuseOtherMethods(app, { path, allowed: ['POST'], message: 'only POST supported against this resource' })
}

async function restartUnit(scope: ApiScope, name: UnitName, after: number | undefined): Promise<WireRestart> {
  const key = keys.unit(name)
  let generation = 0
  await compareAndSwap(scope, key, (value) => {
    if (value === undefined) throw unitDoesNotExist()
    const before = codecs.unit.decode(value, key)
    checkLaunched(name, before)
    const isRaised = after !== undefined && after !== before.generation
    generation = before.generation + (isRaised ? 0 : 1)
    return isRaised ? undefined : [{ kind: 'put', key, value: codecs.unit.encode({ ...before, generation }) }]
  })
  return { name, generation }
}

function checkLaunched(name: UnitName, { desired }: UnitRecord): void {
  if (desired === 'launched') return
  throw new FlotaError('failed_precondition', `Cannot restart unit '${name}': it is wanted ${desired}, not launched`, {
    hint: `'flota start ${name}' starts it`,
  })
}

const isEmpty = (body: unknown): boolean => body === undefined || body === null || body === ''

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastify from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { ApiDeps } from './api-scope.ts'
import { toScope } from './api-scope.ts'
import { registerDiscovery } from './discovery.ts'
import { errorBody, toAnswer } from './errors.ts'
import { registerMachines } from './machines.ts'
import { refuseOtherMethods } from './methods.ts'
import { registerRestart } from './restart.ts'
import { registerRoutes } from './routes.ts'
import { registerStates } from './states.ts'
import { registerUnits } from './units.ts'
import { registerWhy } from './why.ts'

export type { ApiDeps } from './api-scope.ts'

/** A unit's text is at most 1 MiB; as JSON options, with every character escaped, it may be several times that. */
const maxBodyBytes = 8 * 1024 * 1024

/** fleet's API v1 under both of its names, and Flota's own. It listens nowhere: the caller gives it its sockets. */
export function buildApi(deps: ApiDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: false, ignoreDuplicateSlashes: false, maxParamLength: 1_000 },
  }).withTypeProvider<TypeBoxTypeProvider>()
  const scope = toScope(deps)
  takeAnyBody(app)
  app.setValidatorCompiler(validator)
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  app.addHook('onSend', async (_, reply) => {
    reply.header('Server', `fleetd/${deps.version}`)
    if (reply.hasHeader('Content-Type')) reply.header('Content-Type', 'application/json')
    return Promise.resolve()
  })
  app.setErrorHandler((error, request, reply) => answerError(deps, error, { request, reply }))
  app.setNotFoundHandler((_, reply) => reply.status(404).send(errorBody(404, '')))
  refuseOtherMethods(app, { path: '/', allowed: [], message: '' })
  for (const base of ['/fleet/v1', '/v1-alpha']) {
    refuseOtherMethods(app, { path: base, allowed: [], message: '' })
    registerUnits(app, base, scope)
    registerStates(app, base, scope)
    registerMachines(app, base, scope)
    registerDiscovery(app, base)
  }
  registerRoutes(app, scope)
  registerWhy(app, scope)
  registerRestart(app, scope)
  return app
}

/** Which types are acceptable is each route's own rule, so every body comes in as text. */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  app.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/octet-stream'
    return Promise.resolve()
  })
}

function validator({ schema }: { schema: TSchema }) {
  const compiled = Compile(schema)
  return (value: unknown) => {
    if (compiled.Check(value)) return { value }
    const [first] = compiled.Errors(value)
    const where = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
    return {
      error: new Error(`unable to decode body: ${where === '' ? 'body' : where} ${first?.message ?? 'is invalid'}`),
    }
  }
}

function answerError(deps: ApiDeps, error: unknown, { request, reply }: Exchange): FastifyReply {
  const isFleet = !request.url.startsWith('/flota/')
  const { status, body } = toAnswer(error, isFleet)
  if (status === 500) deps.log.error('Request failed', { method: request.method, url: request.url, error })
  return reply.status(status).send(body)
}

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

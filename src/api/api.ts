import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastify from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Metrics } from '../lib/metrics.ts'
import type { Api, ApiDeps, ApiScope } from './api-scope.ts'
import { toScope } from './api-scope.ts'
import { cleanPath } from './clean-path.ts'
import { registerDiscovery } from './discovery.ts'
import { encodeJson } from './encode-json.ts'
import { errorBody, toAnswer } from './errors.ts'
import { registerEvents } from './events.ts'
import { registerLogs } from './logs.ts'
import { registerMachines } from './machines.ts'
import { refuseOtherMethods } from './methods.ts'
import { countRequests, registerMetrics } from './metrics.ts'
import { collectOpenApi, registerOpenApi } from './openapi.ts'
import { registerRestart } from './restart.ts'
import { registerRoutes } from './routes.ts'
import { registerStates } from './states.ts'
import { registerUnits } from './units.ts'
import { registerWhy } from './why.ts'

export type { ApiDeps } from './api-scope.ts'

/** A unit's text is at most 1 MiB; as JSON options, with every character escaped, it may be several times that. */
const maxBodyBytes = 8 * 1024 * 1024

/** fleet's API v1 under both of its names, and Flota's own. It listens nowhere: the caller gives it its sockets. */
export function buildApi(deps: ApiDeps, metrics = new Metrics()): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: maxBodyBytes,
    frameworkErrors: (error, _, reply) => answerUnrouted(deps, error, reply),
    routerOptions: { ignoreTrailingSlash: false, ignoreDuplicateSlashes: false, maxParamLength: 1_000 },
  }).withTypeProvider<TypeBoxTypeProvider>()
  const scope = toScope(deps)
  redirectUnclean(app)
  takeAnyBody(app)
  app.setValidatorCompiler(validator)
  app.setSerializerCompiler(() => encodeJson)
  app.addHook('onSend', async (_, reply) => {
    reply.header('Server', `fleetd/${deps.version}`)
    // fleet sends JSON without a charset.
    const type = String(reply.getHeader('Content-Type') ?? '')
    if (type.startsWith('application/json')) reply.header('Content-Type', 'application/json')
    return Promise.resolve()
  })
  app.setErrorHandler((error, request, reply) => answerError(deps, error, { request, reply }))
  app.setNotFoundHandler((_, reply) => reply.status(404).send(errorBody(404, '')))
  countRequests(app, metrics)
  collectOpenApi(app, deps.version)
  // Registered, not called: the collector above must be in place before the first route.
  app.register((routes, _, done) => {
    const typed = routes.withTypeProvider<TypeBoxTypeProvider>()
    registerAll(typed, scope)
    registerMetrics(typed, metrics)
    done()
  })
  return app
}

function registerAll(app: Api, scope: ApiScope): void {
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
  registerEvents(app, scope)
  if (scope.journal !== undefined) registerLogs(app, scope, scope.journal)
  registerOpenApi(app)
}

/** As Go's mux does, whatever is asked: a page for who reads one, and no body for a method that has none in its answer. */
function redirectUnclean(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const [path = '', query] = request.url.split(/\?(.*)/s)
    const clean = cleanPath(path)
    if (clean === path) return
    const location = query === undefined ? clean : `${clean}?${query}`
    reply.status(301).header('Location', location)
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply.header('Content-Length', 0).send()
    reply.header('Content-Type', 'text/html; charset=utf-8')
    if (request.method === 'HEAD') return reply.send()
    return reply.send(`<a href="${toAttribute(location)}">Moved Permanently</a>.\n\n`)
  })
}

const toAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;')

/** Which types are acceptable is each route's own rule, so every body comes in as text. */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  app.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/octet-stream'
    return Promise.resolve()
  })
}

/** Only bodies are checked by their schema: paths and queries have fleet's own rules and words. */
function validator({ schema, httpPart }: { schema: TSchema; httpPart?: string }) {
  if (httpPart !== 'body') return (value: unknown) => ({ value })
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
  return reply.status(status).type('application/json').serializer(encodeJson).send(body)
}

/** For a path that cannot be decoded: it comes to no route, so no hook gives the answer its form. */
function answerUnrouted({ version }: ApiDeps, error: unknown, reply: FastifyReply): void {
  const { status, body } = toAnswer(error, true)
  reply.hijack()
  reply.raw.writeHead(status, { 'Content-Type': 'application/json', Server: `fleetd/${version}` })
  reply.raw.end(encodeJson(body))
}

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

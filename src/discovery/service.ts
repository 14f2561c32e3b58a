import type { Log } from '../lib/log.ts'
import { parseMemberValue } from './member-value.ts'
import type { Registration, TokenRecord } from './records.ts'
import type { Registry } from './registry.ts'
import { asSize } from './size.ts'
import { asToken, type Token } from './token.ts'

export interface DiscoveryRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly form: URLSearchParams
  /** `http://host:port` as the client wrote it: what /new answers begins with it. */
  readonly origin: string
  /** Aborts when a long poll has waited long enough, or nobody listens any more. */
  readonly signal: AbortSignal
}

export interface DiscoveryAnswer {
  readonly status: number
  readonly contentType: 'application/json' | 'text/plain; charset=utf-8'
  readonly body: string
  /** The X-Etcd-Index header. Without it etcd watches from 0, counts itself twice and its cluster never forms. */
  readonly index: number
}

export interface DiscoveryService {
  readonly registry: Registry
  readonly log: Log
}

/** etcd's discovery protocol, version 2: the part of etcd's v2 keys API that a starting member uses, and /new. */
export function answerDiscovery(service: DiscoveryService, request: DiscoveryRequest): Promise<DiscoveryAnswer> {
  const { registry } = service
  const [, first = '', ...rest] = request.path.replace(/\/$/, '').split('/')
  const token = asToken(first)
  if (token !== undefined) return answerToken(service, { ...request, token, rest })
  if (rest.length === 0 && first === 'new') return answerNew(registry, request)
  if (rest.length === 0 && first === 'health') return Promise.resolve(text(registry, 200, 'OK'))
  return Promise.resolve(text(registry, 404, '404 page not found\n'))
}

async function answerNew(registry: Registry, request: DiscoveryRequest): Promise<DiscoveryAnswer> {
  if (!['GET', 'PUT', 'POST'].includes(request.method)) return text(registry, 405, '')
  const wanted = request.query.get('size') ?? request.form.get('size') ?? ''
  const size = wanted === '' ? defaultSize : asSize(wanted)
  if (size === undefined) {
    return text(registry, 400, `Cannot make a token of size '${wanted}': a whole number from 1 on is expected\n`)
  }
  const { token } = await registry.create(size)
  return text(registry, 200, `${request.origin}/${token}`)
}

/** What the public service gives when nobody asks for a size. */
const defaultSize = 3

interface TokenRequest extends DiscoveryRequest {
  readonly token: Token
  /** Path segments after the token. */
  readonly rest: readonly string[]
}

function answerToken(service: DiscoveryService, request: TokenRequest): Promise<DiscoveryAnswer> {
  const { registry } = service
  const { method, rest } = request
  const [id = '', key] = rest
  if (id === '_config') return Promise.resolve(answerConfig(registry, request))
  if (rest.length > 1 || key !== undefined) return Promise.resolve(text(registry, 404, '404 page not found\n'))
  if (method === 'GET') return answerGet(registry, { ...request, id: id === '' ? undefined : id })
  if (id === '' || id.startsWith('_')) return Promise.resolve(text(registry, 405, ''))
  if (method === 'PUT') return answerPut(service, { ...request, id })
  if (method === 'DELETE') return answerDelete(service, { ...request, id })
  return Promise.resolve(text(registry, 405, ''))
}

function answerConfig(registry: Registry, { method, token, rest }: TokenRequest): DiscoveryAnswer {
  if (rest.length !== 2 || rest[1] !== 'size') return text(registry, 404, '404 page not found\n')
  if (method !== 'GET') return text(registry, 405, '')
  const record = registry.find(token)
  if (record === undefined) return keyNotFound(registry, token)
  const node = { key: keyOf(token, '_config', 'size'), value: String(record.size), ...indexes(record.index) }
  return json(registry, 200, { action: 'get', node })
}

interface MemberRequest extends TokenRequest {
  readonly id: string
}

async function answerGet(
  registry: Registry,
  { token, query, signal, id }: TokenRequest & { readonly id: string | undefined },
): Promise<DiscoveryAnswer> {
  const record = registry.find(token)
  if (record === undefined) return keyNotFound(registry, token)
  if (query.get('wait') === 'true') {
    const fromIndex = Number(query.get('waitIndex') ?? registry.index + 1) || 0
    const found = await registry.waitFor({ token, id, fromIndex }, signal)
    // An empty answer sends the member back to ask again at once: kinder to proxies than a connection that stays silent.
    if (found === undefined) return { ...json(registry, 200, {}), body: '' }
    return json(registry, 200, { action: 'create', node: memberNode(token, found) })
  }
  if (id === undefined) return json(registry, 200, { action: 'get', node: tokenNode(record) })
  const member = record.registrations.find((other) => other.id === id)
  if (member === undefined) return keyNotFound(registry, token, id)
  return json(registry, 200, { action: 'get', node: memberNode(token, member) })
}

async function answerPut({ registry, log }: DiscoveryService, request: MemberRequest): Promise<DiscoveryAnswer> {
  const { token, id, form, query } = request
  const value = form.get('value') ?? query.get('value') ?? ''
  const peer = /^[\w.-]{1,64}$/.test(id) && value.length <= maxValueLength ? parseMemberValue(value) : undefined
  if (peer === undefined) {
    return etcdError(registry, { status: 400, errorCode: 210, message: 'Invalid POST form', cause: keyOf(token, id) })
  }
  const outcome = await registry.register(token, { id, value })
  if (outcome.kind === 'unknown-token') return keyNotFound(registry, token)
  if (outcome.kind === 'taken') {
    return etcdError(registry, { status: 412, errorCode: 105, message: 'Key already exists', cause: keyOf(token, id) })
  }
  log.info(outcome.kind === 'created' ? 'Member registered' : 'Member registered again', { token, member: id, ...peer })
  return json(registry, 201, { action: 'create', node: memberNode(token, outcome.registration) })
}

const maxValueLength = 4096

async function answerDelete({ registry, log }: DiscoveryService, request: MemberRequest): Promise<DiscoveryAnswer> {
  const { token, id } = request
  const removed = await registry.remove(token, id)
  if (removed === undefined) return keyNotFound(registry, token, id)
  log.info('Member removed', { token, member: id })
  const node = { key: keyOf(token, id), modifiedIndex: registry.index, createdIndex: removed.index }
  return json(registry, 200, { action: 'delete', node, prevNode: memberNode(token, removed) })
}

const keyOf = (...segments: readonly string[]): string => ['/_etcd/registry', ...segments].join('/')

const indexes = (index: number) => ({ modifiedIndex: index, createdIndex: index })

const memberNode = (token: Token, { id, value, index }: Registration) => ({
  key: keyOf(token, id),
  value,
  ...indexes(index),
})

/** The size is under a key that starts with `_`, and such keys are not listed. */
function tokenNode({ token, index, registrations }: TokenRecord): object {
  const nodes = registrations.map((registration) => memberNode(token, registration))
  return { key: keyOf(token), dir: true, ...(nodes.length === 0 ? {} : { nodes }), ...indexes(index) }
}

function keyNotFound(registry: Registry, ...segments: readonly string[]): DiscoveryAnswer {
  return etcdError(registry, { status: 404, errorCode: 100, message: 'Key not found', cause: keyOf(...segments) })
}

interface EtcdError {
  readonly status: number
  readonly errorCode: number
  readonly message: string
  readonly cause: string
}

function etcdError(registry: Registry, { status, ...error }: EtcdError): DiscoveryAnswer {
  return json(registry, status, { ...error, index: registry.index })
}

function json({ index }: Registry, status: number, body: object): DiscoveryAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n`, index }
}

function text({ index }: Registry, status: number, body: string): DiscoveryAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body, index }
}

import { describeError, FlotaError, hasCode } from '../lib/errors.ts'
import { parseMemberValue, type PeerName } from './member-value.ts'

/** The part of `fetch` that is used here, so that a test can stand in. */
export type Fetch = (url: string, options: { readonly signal: AbortSignal }) => Promise<FetchAnswer>

export interface FetchAnswer {
  readonly status: number
  text(): Promise<string>
}

export interface FetchOptions {
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

export interface DiscoveryMember extends PeerName {
  readonly id: string
  readonly index: number
}

export interface DiscoveryState {
  readonly size: number
  /** The first `size` registrations: those that form the cluster, in the order they came. */
  readonly members: readonly DiscoveryMember[]
  /** Registrations that came too late. */
  readonly late: readonly DiscoveryMember[]
}

/** What the discovery service knows of this URL's token. `unavailable` when asking again may help, `not_found` for an unknown token. */
export async function readDiscovery(url: string, options: FetchOptions): Promise<DiscoveryState> {
  const base = parseDiscoveryUrl(url)
  const size = Number(await readNode(base, '/_config/size', options).then((node) => node.value))
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new FlotaError(
      'failed_precondition',
      `Cannot read discovery URL '${url}': its size is not a number from 1 on`,
    )
  }
  const { nodes } = await readNode(base, '', options)
  const all = nodes.map(toMember).toSorted((a, b) => a.index - b.index)
  return { size, members: all.slice(0, size), late: all.slice(size) }
}

/** Asks the service at `serviceUrl` for a new token; resolves with its discovery URL. */
export async function createDiscovery(serviceUrl: string, size: number, options: FetchOptions): Promise<string> {
  const base = parseDiscoveryUrl(serviceUrl)
  const target = new URL(`${base}/new`)
  target.searchParams.set('size', String(size))
  const { status, body } = await get(target.href, options)
  if (status === 200 && URL.canParse(body)) return body
  const code = status >= 500 ? 'unavailable' : 'invalid_argument'
  throw new FlotaError(code, `Cannot make a token of size ${size} at '${serviceUrl}': ${answerText(status, body)}`)
}

export function parseDiscoveryUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && !/[<>{}\s]|%3[CE]/i.test(url)) {
    return url.replace(/\/+$/, '')
  }
  throw new FlotaError('invalid_argument', `Cannot read discovery URL '${url}': an http or https URL is expected`, {
    hint: 'put one in that flota discovery new --size 3 --url URL has printed',
  })
}

interface Node {
  readonly key: string
  readonly value: string
  readonly createdIndex: number
  readonly nodes: readonly Node[]
}

async function readNode(base: string, path: string, options: FetchOptions): Promise<Node> {
  const { status, body } = await get(`${base}${path}`, options)
  if (status === 404) {
    throw new FlotaError('not_found', `Cannot read discovery URL '${base}': the service does not know this token`, {
      hint: 'tokens are forgotten after some days; flota discovery new makes a new one, for a new cluster',
    })
  }
  if (status !== 200) {
    throw new FlotaError('unavailable', `Cannot read discovery URL '${base}': ${answerText(status, body)}`)
  }
  const node = toNode(fieldsOf(parseJson(body))['node'])
  if (node !== undefined) return node
  throw new FlotaError('failed_precondition', `Cannot read discovery URL '${base}': its answer is not etcd's`)
}

async function get(url: string, { fetch, signal }: FetchOptions): Promise<{ status: number; body: string }> {
  try {
    const answer = await fetch(url, { signal })
    return { status: answer.status, body: await answer.text() }
  } catch (error) {
    if (signal.aborted && !hasCode(signal.reason, 'unavailable')) throw signal.reason
    // `fetch` says only "fetch failed"; why is in its cause.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new FlotaError('unavailable', `Cannot reach '${url}': ${describeError(cause)}`, { cause })
  }
}

const answerText = (status: number, body: string): string => `it answered ${status} ${body.trim().slice(0, 200)}`.trim()

function toMember({ key, value, createdIndex }: Node): DiscoveryMember {
  const { name, peerUrls } = parseMemberValue(value) ?? { name: value, peerUrls: [] }
  return { id: key.slice(key.lastIndexOf('/') + 1), index: createdIndex, name, peerUrls }
}

function toNode(value: unknown): Node | undefined {
  const fields = fieldsOf(value)
  const { key, createdIndex, nodes = [] } = fields
  if (typeof key !== 'string' || typeof createdIndex !== 'number' || !Array.isArray(nodes)) return undefined
  const inner = nodes.map(toNode)
  if (!inner.every((node) => node !== undefined)) return undefined
  return { key, createdIndex, value: typeof fields['value'] === 'string' ? fields['value'] : '', nodes: inner }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

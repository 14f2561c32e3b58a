import { FlotaError } from '../lib/errors.ts'
import type { SshHost } from './ssh.ts'

/** What the flags and the environment say; a flag goes before the environment. */
export interface EndpointWish {
  readonly endpoint: string | undefined
  readonly tunnel: string | undefined
  readonly context: string | undefined
}

export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'tunnel'; readonly through: SshHost; readonly to: DirectEndpoint }
  | { readonly kind: 'context'; readonly name: string }

export type DirectEndpoint = Extract<Endpoint, { readonly kind: 'unix' | 'url' }>

export const defaultSocket = '/run/fleet.sock'

export interface Surroundings {
  readonly hasLocalSocket: boolean
  readonly currentContext: string | undefined
}

/**
 * --endpoint and --tunnel say it exactly; a named context goes before what happens to be here; then this machine's own socket; then the
 * current context.
 */
export function chooseEndpoint({ endpoint, tunnel, context }: EndpointWish, here: Surroundings): Endpoint {
  const direct = endpoint === undefined ? undefined : parseEndpoint(endpoint)
  if (tunnel !== undefined) {
    return { kind: 'tunnel', through: parseHost(tunnel), to: direct ?? { kind: 'unix', path: defaultSocket } }
  }
  if (direct !== undefined) return direct
  if (context !== undefined) return { kind: 'context', name: context }
  if (here.hasLocalSocket) return { kind: 'unix', path: defaultSocket }
  if (here.currentContext !== undefined) return { kind: 'context', name: here.currentContext }
  throw new FlotaError(
    'failed_precondition',
    `Cannot find a cluster: no socket '${defaultSocket}' here and no context`,
    {
      hint: "Make a cluster with 'flota up', or name one with --endpoint, --tunnel or --context",
    },
  )
}

/** As fleetctl: `unix:///path`, `file:///path`, `http://host:port`, `https://host:port`; of a list only the first counts. */
export function parseEndpoint(list: string): DirectEndpoint {
  const [text = ''] = list.split(',')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    if (url.pathname !== '/' || url.search !== '') throw badEndpoint(text, 'an address has no path')
    return { kind: 'url', url }
  }
  return { kind: 'unix', path: parseSocketPath(text) }
}

function parseSocketPath(text: string): string {
  const [, host, path] = /^(?:unix|file):\/\/([^/]*)(\/.*)?$/.exec(text) ?? []
  if (host === undefined)
    throw badEndpoint(text, text.startsWith(':') ? `parse "${text}": missing protocol scheme` : 'URL scheme undefined')
  if (host !== '' || path === undefined) {
    throw badEndpoint(text, `unable to connect to host "${host}" with scheme "${text.split(':')[0] ?? ''}"`)
  }
  return path
}

/** `host`, `host:port` or `[address]:port`. */
export function parseHost(text: string): SshHost {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*))(?::(\d{1,5}))?$/.exec(
      text,
    ) ?? []
  const host = bracketed ?? plain
  // A name that starts with a dash would be read as an option by ssh.
  if (host === undefined || host.startsWith('-') || Number(port ?? 22) > 65_535 || Number(port ?? 22) === 0) {
    throw new FlotaError('invalid_argument', `Cannot use tunnel '${text}': it is not HOST or HOST:PORT`, {
      hint: 'For example --tunnel 10.0.0.1:22',
    })
  }
  return port === undefined ? { host } : { host, port: Number(port) }
}

function badEndpoint(text: string, why: string): FlotaError {
  return new FlotaError('invalid_argument', `Unable to initialize client: ${why}`, {
    hint: `'${text}' is no endpoint; one is unix:///PATH, http://HOST:PORT or https://HOST:PORT`,
  })
}

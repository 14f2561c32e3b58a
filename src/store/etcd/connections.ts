import { Client, connectivityState, credentials, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js'
import { FlotaError } from '../../lib/errors.ts'
import { methods } from './methods.ts'

/** PEM texts. Without `ca` the system's authorities are trusted; `cert` and `key` are this client's own. */
export interface EtcdTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface Connection {
  /** As configured, such as `http://10.0.0.2:2379`. */
  readonly endpoint: string
  readonly client: Client
}

/** etcd drops a client that pings more often than every five seconds (--grpc-keepalive-min-time). */
const channelOptions: ClientOptions = {
  'grpc.keepalive_time_ms': 6_000,
  // A machine short of CPU answers late; calls and watches have deadlines of their own.
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.max_receive_message_length': -1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
}

/** One connection an endpoint, made when first needed. `current` is the one that worked last; the order is that of preference. */
export class Connections {
  readonly #tls: EtcdTls
  #all: readonly Connection[] = []
  #current = 0

  constructor(endpoints: readonly string[], tls: EtcdTls = {}) {
    this.#tls = tls
    this.update(endpoints)
  }

  get count(): number {
    return this.#all.length
  }

  current(): Connection {
    const connection = this.#all[this.#current % this.#all.length]
    if (connection === undefined) throw new FlotaError('invalid_argument', 'Cannot use etcd: it has no endpoints')
    return connection
  }

  /** The next call goes elsewhere, unless another call's failure has seen to that already. */
  failed(connection: Connection): void {
    if (this.current() === connection) this.#current = (this.#current + 1) % this.#all.length
  }

  /** Keeps the connections to endpoints that stay. */
  update(endpoints: readonly string[]): void {
    if (endpoints.length === 0) throw new FlotaError('invalid_argument', 'Cannot use etcd: it has no endpoints')
    const before = this.#all
    const current = before[this.#current]
    this.#all = [...new Set(endpoints)].map(
      (endpoint) => before.find((connection) => connection.endpoint === endpoint) ?? this.#open(endpoint),
    )
    this.#current = Math.max(0, current === undefined ? 0 : this.#all.indexOf(current))
    for (const connection of before) if (!this.#all.includes(connection)) connection.client.close()
  }

  close(): void {
    for (const { client } of this.#all) client.close()
  }

  #open(endpoint: string): Connection {
    const { address, isTls } = parseEndpoint(endpoint)
    const channel = isTls ? toTlsCredentials(this.#tls) : credentials.createInsecure()
    return { endpoint, client: new Client(address, channel, channelOptions) }
  }
}

function toTlsCredentials({ ca, key, cert }: EtcdTls): ChannelCredentials {
  const toBuffer = (pem: string | undefined) => (pem === undefined ? undefined : Buffer.from(pem))
  return credentials.createSsl(toBuffer(ca), toBuffer(key), toBuffer(cert))
}

export function parseEndpoint(endpoint: string): { readonly address: string; readonly isTls: boolean } {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || !['', '/'].includes(url.pathname)) {
    throw new FlotaError('invalid_argument', `Cannot use etcd endpoint '${endpoint}': it is no URL of a machine`, {
      hint: 'write it as http://HOST:2379 or https://HOST:2379',
    })
  }
  const isTls = url.protocol === 'https:'
  // URL drops a port that is the scheme's own; gRPC takes 443 for any address without a port.
  const port = url.port === '' ? (isTls ? '443' : '80') : url.port
  return { address: `${url.hostname}:${port}`, isTls }
}

/**
 * Resolves to true once the connection stands: a call that is not to be sent twice is sent only then. False when the member refuses,
 * or by `deadline` (wall clock milliseconds).
 */
export async function isReady({ client }: Connection, deadline: number): Promise<boolean> {
  const channel = client.getChannel()
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return true
    if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) return false
    const hasChanged = await new Promise<boolean>((resolve) =>
      channel.watchConnectivityState(state, deadline, (error) => resolve(error === undefined)),
    )
    if (!hasChanged) return false
  }
}

/**
 * Why a connection does not stand, for a person. grpc-js tells it only to a call, so one is made that does no harm and fails at once.
 */
export async function whyNotReady({ client }: Connection, deadline: number): Promise<string> {
  const { path, encode, decode } = methods.status
  const details = await new Promise<string>((resolve) =>
    client.makeUnaryRequest(path, encode, decode, {}, { deadline }, (error) => resolve(error?.details ?? '')),
  )
  return toReason(details)
}

/** The cause alone, out of grpc-js's sentence around it. */
export function toReason(details: string): string {
  const cause = /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s.exec(details)?.[1] ?? details
  return cause.trim() === '' || cause.startsWith('Deadline exceeded') ? 'no connection' : cause.trim()
}

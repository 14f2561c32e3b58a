import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { describeError, FlotaError } from '../lib/errors.ts'
import type { ApiClient } from './api-client.ts'
import type { DirectEndpoint, Endpoint, EndpointWish } from './choose-endpoint.ts'
import { chooseEndpoint, defaultSocket } from './choose-endpoint.ts'
import type { ContextEnv } from './context.ts'
import { currentContextName, requireContext } from './context.ts'
import type { Ssh, SshHost, SshSettings } from './ssh.ts'

export interface ConnectOptions extends EndpointWish {
  readonly sshUsername: string
  readonly sshTimeoutSeconds: number
  readonly strictHostKeys: boolean
  readonly knownHostsFile: string | undefined
  readonly timeoutMs: number
  /** An https endpoint's certificate is not checked. */
  readonly isInsecure: boolean
  readonly caFile: string | undefined
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
}

/** A cluster's API, and how its machines are reached over SSH from here. */
export interface Connection {
  readonly client: ApiClient
  ssh(): Promise<Ssh>
  /** The machine that a way to all others goes through; absent when they are reached directly. */
  jumpFor(address: string): Promise<SshHost | undefined>
}

/** Opens the way that flags, environment and contexts say. Nothing is sent yet, except that SSH finds a machine when it is asked. */
export async function connect(options: ConnectOptions, env: ContextEnv, clock: Clock): Promise<Connection> {
  const endpoint = chooseEndpoint(options, {
    hasLocalSocket: await exists(defaultSocket),
    currentContext: await currentContextName(env),
  })
  if (endpoint.kind === 'context') return connectContext(endpoint.name, { options, env, clock })
  const ssh = async () => (await import('./ssh.ts')).prepareSsh(tunnelSettings(options, env), env)
  if (endpoint.kind === 'tunnel') return connectTunnel(endpoint, await ssh(), { options, clock })
  return { client: await directClient(endpoint, options, clock), ssh, jumpFor: () => Promise.resolve(undefined) }
}

interface Surrounding {
  readonly options: ConnectOptions
  readonly env: ContextEnv
  readonly clock: Clock
}

async function connectContext(name: string, { options, env, clock }: Surrounding): Promise<Connection> {
  const context = await requireContext(name, env)
  const [{ SshClient }, { prepareSsh }] = await Promise.all([import('./ssh-client.ts'), import('./ssh.ts')])
  const ssh = await prepareSsh(
    {
      name: `context-${name}`,
      user: context.user,
      identityFile: context.identityFile,
      knownHostsFile: context.knownHostsFile,
      hostKeys: 'accept-new',
      connectTimeoutSeconds: options.sshTimeoutSeconds,
      isComplete: true,
    },
    env,
  )
  const client = new SshClient({
    ssh,
    hosts: context.addresses.map((host) => ({ host })),
    before: [],
    onward: forwardCommand(defaultSocket),
    clock,
    timeoutMs: options.timeoutMs,
  })
  const isDirect = (address: string) => context.addresses.includes(address)
  return {
    client,
    ssh: () => Promise.resolve(ssh),
    jumpFor: async (address) => (isDirect(address) ? undefined : client.host()),
  }
}

async function connectTunnel(
  { through, to }: Extract<Endpoint, { kind: 'tunnel' }>,
  ssh: Ssh,
  { options, clock }: Pick<Surrounding, 'options' | 'clock'>,
): Promise<Connection> {
  const { SshClient } = await import('./ssh-client.ts')
  const client = new SshClient({
    ssh,
    hosts: [through],
    before: to.kind === 'url' ? ['-W', to.url.host] : [],
    onward: to.kind === 'unix' ? forwardCommand(to.path) : [],
    clock,
    timeoutMs: options.timeoutMs,
  })
  return { client, ssh: () => Promise.resolve(ssh), jumpFor: () => Promise.resolve(through) }
}

/** The far end hands these words to a shell, so the path is kept to what needs no quotes. */
export function forwardCommand(path: string): readonly string[] {
  if (!/^[A-Za-z0-9/._-]+$/.test(path)) {
    throw new FlotaError(
      'invalid_argument',
      `Cannot forward to socket '${path}': only letters, digits and '/._-' may be in its path`,
    )
  }
  return ['fleetctl', 'fd-forward', path]
}

async function directClient(endpoint: DirectEndpoint, options: ConnectOptions, clock: Clock): Promise<ApiClient> {
  const { unixClient, urlClient } = await import('./direct-client.ts')
  const { timeoutMs } = options
  const [ca, cert, key] = await Promise.all([options.caFile, options.certFile, options.keyFile].map(readIfGiven))
  if (endpoint.kind === 'unix') return unixClient(endpoint.path, { clock, timeoutMs })
  const tls = { rejectUnauthorized: !options.isInsecure, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  return urlClient(endpoint.url, { clock, timeoutMs, tls })
}

function tunnelSettings(options: ConnectOptions, env: ContextEnv): SshSettings {
  const knownHostsFile = options.knownHostsFile?.replace(/^~(?=\/)/, env['HOME'] ?? '~')
  return {
    name: 'tunnel',
    user: options.sshUsername,
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
    hostKeys: options.strictHostKeys ? 'ask' : 'no',
    connectTimeoutSeconds: options.sshTimeoutSeconds,
    isComplete: false,
  }
}

async function readIfGiven(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const why = isMissing ? 'no such file or directory' : describeError(cause)
    throw new FlotaError('invalid_argument', `Unable to initialize client: open ${path}: ${why}`)
  })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

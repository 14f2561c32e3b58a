import type { MessageBus } from 'dbus-native'
import { createClient, messageType } from 'dbus-native'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'

/** `private` = systemd's own socket, peer to peer: no bus daemon between, no Hello, no cap on calls. `bus` = the system bus. */
export interface DbusAddress {
  readonly kind: 'private' | 'bus'
  readonly path: string
}

export interface DbusCall {
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly signature?: string
  readonly body?: readonly unknown[]
}

export interface DbusSignal {
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly body: readonly unknown[]
}

export interface DbusLinkOptions {
  readonly clock: Clock
  readonly onSignal: (signal: DbusSignal) => void
  /** Once, when the connection ended and was not ended by `close`. */
  readonly onLost: () => void
}

const destination = 'org.freedesktop.systemd1'
const dialTimeoutMs = 5_000
const pingEveryMs = 10
/** A reload with thousands of loaded units takes seconds; a reply that is later than this will not come. */
const callTimeoutMs = 60_000

/** One connection to systemd. It does not come back: whoever wants another opens another. */
export class DbusLink {
  readonly #bus: MessageBus
  #isClosing = false

  private constructor(bus: MessageBus, options: DbusLinkOptions) {
    this.#bus = bus
    // Without a listener an ECONNRESET would end the whole daemon; `close` follows and tells the rest.
    bus.connection.on('error', () => {})
    bus.connection.on('close', () => {
      if (!this.#isClosing) options.onLost()
    })
    bus.connection.on('message', (message: unknown) => {
      const signal = readSignal(message)
      if (signal !== undefined) options.onSignal(signal)
    })
  }

  static async open(address: DbusAddress, options: DbusLinkOptions): Promise<DbusLink> {
    const bus = createClient({
      socket: address.path,
      direct: address.kind === 'private',
      authMethods: ['EXTERNAL'],
      plainValues: true,
      returnBigInt: true,
      timeout: callTimeoutMs,
    })
    try {
      await connected(bus, options.clock)
    } catch (cause) {
      bus.connection.end()
      throw new FlotaError('unavailable', `Cannot reach systemd at '${address.path}'`, { cause })
    }
    const link = new DbusLink(bus, options)
    await firstAnswer(link, options.clock)
    // On the bus a signal must be asked for, and systemd's own restart shows only as a change of the name's owner.
    if (address.kind === 'bus') {
      await bus.addMatch(`type='signal',sender='${destination}'`)
      await bus.addMatch(`type='signal',member='NameOwnerChanged',arg0='${destination}'`)
    }
    return link
  }

  /** `onReply` runs before any signal that came after the reply is told; code after an `await` would run after them. */
  call(call: DbusCall, onReply?: (values: readonly unknown[]) => void): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const message = { ...call, body: call.body === undefined ? [] : [...call.body], destination }
      this.#bus.invoke(message, (error: Error | null, ...values: unknown[]) => {
        if (error !== null) {
          reject(error)
          return
        }
        onReply?.(values)
        resolve(values)
      })
    })
  }

  close(): void {
    this.#isClosing = true
    this.#bus.connection.end()
  }
}

/**
 * systemd may leave our first message unread when it came together with the end of the authentication, until more bytes come
 * (seen with systemd 257 on the private socket). So it is asked again until it answers.
 */
async function firstAnswer(link: DbusLink, clock: Clock): Promise<void> {
  const ping = { path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' }
  const answers: Promise<boolean>[] = []
  for (let waitedMs = 0; waitedMs < dialTimeoutMs; waitedMs += pingEveryMs) {
    const answer = link.call(ping).then(() => true)
    answer.catch(() => {})
    answers.push(answer)
    if (await Promise.race([...answers, clock.sleep(pingEveryMs).then(() => false)])) return
  }
  link.close()
  throw new FlotaError('unavailable', `Cannot reach systemd: no answer within ${dialTimeoutMs} ms`)
}

async function connected(bus: MessageBus, clock: Clock): Promise<void> {
  const done = new AbortController()
  const answer = new Promise<void>((resolve, reject) => {
    bus.connection.on('connect', resolve)
    bus.connection.on('error', reject)
    bus.connection.on('close', () => reject(new Error('the connection was closed during authentication')))
  })
  const late = clock.sleep(dialTimeoutMs, done.signal).then(() => {
    throw new Error(`no answer within ${dialTimeoutMs} ms`)
  })
  try {
    await Promise.race([answer, late])
  } finally {
    late.catch(() => {})
    answer.catch(() => {})
    done.abort()
  }
}

function readSignal(message: unknown): DbusSignal | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined
  if (message.type !== messageType.signal) return undefined
  const { path, interface: from, member, body } = message as Partial<DbusSignal>
  if (path === undefined || from === undefined || member === undefined) return undefined
  return { path, interface: from, member, body: body ?? [] }
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { hasCode } from '../lib/errors.ts'
import { parseDiscoveryUrl, readDiscovery, type DiscoveryState, type Fetch } from './client.ts'
import { patience } from './patience.ts'
import { readRemembered, writeRemembered } from './remembered-members.ts'

/** Whether this machine should run etcd, and why, for a person. */
export interface JoinVerdict {
  readonly join: boolean
  readonly reason: string
}

/** etcd's own settings, as its unit's drop-in gives them. */
export interface EtcdSettings {
  readonly discovery: string
  readonly peerUrls: readonly string[]
  readonly dataDir: string
  readonly walDir: string
}

export interface JoinOptions {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: () => number
  /** How long to go on while the discovery service cannot be reached. */
  readonly withinMs: number
  readonly signal: AbortSignal
}

const askMs = 5_000

/** The same defaults as etcd has. */
export function readEtcdSettings(env: Readonly<Record<string, string | undefined>>): EtcdSettings {
  const peerUrls = env['ETCD_INITIAL_ADVERTISE_PEER_URLS'] ?? 'http://localhost:2380'
  const dataDir = env['ETCD_DATA_DIR'] ?? `${env['ETCD_NAME'] ?? 'default'}.etcd`
  return {
    discovery: env['ETCD_DISCOVERY'] ?? '',
    peerUrls: peerUrls.split(',').map((url) => url.trim()),
    dataDir,
    walDir: env['ETCD_WAL_DIR'] ?? join(dataDir, 'member', 'wal'),
  }
}

/**
 * An etcd that finds its token full would end with an error, again and again: this says before whether it has a place. Goes on asking
 * while the service cannot be reached; throws when that lasts too long, or the token is not known.
 */
export async function shouldJoin(settings: EtcdSettings, options: JoinOptions): Promise<JoinVerdict> {
  const { discovery, dataDir, walDir } = settings
  if (await hasLog(walDir)) return { join: true, reason: 'this machine is a member already' }
  if (discovery === '') return { join: true, reason: 'no discovery URL is set' }
  parseDiscoveryUrl(discovery)
  const memory = join(dataDir, 'discovery-full.json')
  const state = await askUntilAnswered(settings, { ...options, memory })
  if (state === undefined)
    return { join: false, reason: 'the cluster was full when the discovery service was last reached' }
  const verdict = judge(state, settings.peerUrls)
  if (!verdict.join) {
    const peerUrls = state.members.flatMap((member) => member.peerUrls)
    await writeRemembered(memory, { discovery, peerUrls })
  }
  return verdict
}

export function judge({ size, members }: DiscoveryState, ownPeerUrls: readonly string[]): JoinVerdict {
  const own = new Set(ownPeerUrls.map(normalise))
  if (members.some(({ peerUrls }) => peerUrls.some((url) => own.has(normalise(url))))) {
    return { join: true, reason: 'the token lists this machine' }
  }
  if (members.length < size) return { join: true, reason: `the token has ${members.length} of ${size} members` }
  return { join: false, reason: `the token has its ${size} members, and this machine is none of them` }
}

const normalise = (url: string): string => (URL.canParse(url) ? new URL(url).href : url)

interface AskOptions extends JoinOptions {
  readonly memory: string
}

/** Undefined when nobody answers, but an earlier answer is remembered: that the token is full. */
async function askUntilAnswered({ discovery }: EtcdSettings, options: AskOptions): Promise<DiscoveryState | undefined> {
  const { clock, random, withinMs, signal, memory } = options
  const untilMs = clock.nowMs() + withinMs
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(discovery, options)
    } catch (error) {
      signal.throwIfAborted()
      const isKnownFull = (await readRemembered(memory, discovery)) !== undefined
      if (isKnownFull && (hasCode(error, 'unavailable') || hasCode(error, 'not_found'))) return undefined
      if (!hasCode(error, 'unavailable') || clock.nowMs() >= untilMs) throw error
      await clock.sleep(backoffMs(attempt, { firstMs: 500, maxMs: 5_000, random }), signal)
    }
  }
}

async function ask(discovery: string, { fetch, clock, signal }: AskOptions): Promise<DiscoveryState> {
  const done = new AbortController()
  try {
    const bounded = patience(clock, askMs, AbortSignal.any([signal, done.signal]))
    return await readDiscovery(discovery, { fetch, signal: bounded })
  } finally {
    done.abort()
  }
}

/** etcd writes its log only when it knows all members: from then on it needs no discovery. */
async function hasLog(walDir: string): Promise<boolean> {
  const entries = await readdir(walDir).catch(() => [])
  return entries.some((name) => name.endsWith('.wal'))
}

import { type AgentConfig, type AgentState, runAgent } from '../agent/agent.ts'
import { buildApi } from '../api/api.ts'
import { Engine } from '../engine/engine.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { Metrics } from '../lib/metrics.ts'
import { readPublicIp } from '../machine/addresses.ts'
import { identityPaths, readIdentity } from '../machine/identity.ts'
import { parseMetadata } from '../machine/metadata.ts'
import { ClusterFeed } from '../store/cluster-feed.ts'
import { measuredStore } from '../store/measured-store.ts'
import { connectSystemd } from '../systemd/dbus.ts'
import type { ApiDoor } from './api-door.ts'
import { toClusterAccess } from './cluster-access.ts'
import { journalctl } from './journalctl.ts'
import { notifySystemd } from './notify.ts'
import type { Config } from './options.ts'
import { openClusterStore } from './store.ts'

export interface SessionOptions {
  readonly config: Config
  readonly version: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly door: ApiDoor
  /** Addresses on which the API is open to the network. */
  readonly openApi: readonly string[]
  /** Told how to look into the agent. */
  readonly onAgent: (look: () => AgentState) => void
  /** Aborts when the session should end. Units are not touched by that. */
  readonly signal: AbortSignal
  /** True when flotad ends, false when another session follows. */
  readonly isEnding: () => boolean
}

/** The wiring: agent, engine candidate and API of this machine over one store and one view. Resolves after an orderly end. */
export async function runSession(options: SessionOptions): Promise<void> {
  const { config, version, env, log, signal, door, openApi } = options
  const identity = await readIdentity(identityPaths(config.data_directory))
  const publicIp = await readPublicIp(config.public_ip)
  const metrics = new Metrics()
  const { store: opened, term, follow } = await openClusterStore({ ...options, publicIp })
  const store = measuredStore(opened, { ...options, metrics })
  const feed = new ClusterFeed({ ...options, store })
  const cluster = toClusterAccess(feed)
  const journal = journalctl({ machine: identity.id })
  const api = buildApi({ ...options, store, cluster, journal, tokenLimit: config.token_limit }, metrics)
  await api.ready()
  door.open(api)
  const systemd = await connectSystemd(options)
  log.info('flotad started', { machine: identity.id, publicIp, version })
  await notifySystemd('READY=1', env)

  const metadata = parseMetadata(config.metadata, (item) =>
    log.warn('Metadata is not key=value, passing over it', { item }),
  )
  const engine = config.disable_engine
    ? undefined
    : new Engine({ ...options, store, feed, machine: identity.id, storeTerm: term, metrics })
  const machine = { ...identity, publicIp, metadata, version, openApi }
  const agent = runAgent({
    ...options,
    store,
    systemd,
    machine,
    config: agentConfig(options),
    onStarted: options.onAgent,
  })
  await Promise.all([agent, engine?.run(signal), follow])

  door.shut()
  // Ends the event streams first, so that their readers see an end and not a broken connection.
  await api.close()
  await feed.close()
  await systemd.close()
  await store.close()
}

const agentConfig = ({ config, isEnding }: SessionOptions): AgentConfig => ({
  unitsDirectory: config.units_directory,
  launchesDirectory: '/run/flota/launches',
  ttlMs: config.agent_ttl * 1_000,
  // Three renewals may be missed before the lease ends.
  renewEveryMs: config.agent_ttl * 250,
  // Asked for at the end: reading the settings anew is none.
  get stopUnitsOnShutdown() {
    return config.stop_units_on_shutdown && isEnding()
  },
})

import { type AgentConfig, runAgent } from '../agent/agent.ts'
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
import { toClusterAccess } from './cluster-access.ts'
import { journalctl } from './journalctl.ts'
import { notifySystemd } from './notify.ts'
import type { Config } from './options.ts'
import { serveOn, socketsToServe } from './sockets.ts'
import { openClusterStore } from './store.ts'

export interface DaemonOptions {
  readonly config: Config
  readonly version: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Aborts when flotad should end. Units are not touched by that. */
  readonly signal: AbortSignal
}

/** The only wiring: agent, engine candidate and API of this machine over one store and one view. Resolves after an orderly end. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { config, version, env, log, signal } = options
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
  const server = await serveOn(socketsToServe(env, process.pid), (request, response) => api.routing(request, response))
  const systemd = await connectSystemd(options)
  log.info('flotad started', { machine: identity.id, publicIp, version })
  await notifySystemd('READY=1', env)

  const metadata = parseMetadata(config.metadata, (item) =>
    log.warn('Metadata is not key=value, passing over it', { item }),
  )
  const engine = config.disable_engine
    ? undefined
    : new Engine({ ...options, store, feed, machine: identity.id, storeTerm: term, metrics })
  const machine = { ...identity, publicIp, metadata, version }
  const agent = runAgent({ ...options, store, systemd, machine, config: agentConfig(config) })
  await Promise.all([agent, engine?.run(signal), follow])

  await notifySystemd('STOPPING=1', env)
  // Ends the event streams first, so that their readers see an end and not a broken connection.
  await api.close()
  await server.close()
  await feed.close()
  await systemd.close()
  await store.close()
}

const agentConfig = ({ units_directory, agent_ttl, stop_units_on_shutdown }: Config): AgentConfig => ({
  unitsDirectory: units_directory,
  launchesDirectory: '/run/flota/launches',
  ttlMs: agent_ttl * 1_000,
  // Three renewals may be missed before the lease ends.
  renewEveryMs: agent_ttl * 250,
  stopUnitsOnShutdown: stop_units_on_shutdown,
})

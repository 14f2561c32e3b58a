import type { AgentState } from '../agent/agent.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { ApiDoor } from './api-door.ts'
import { notifySystemd } from './notify.ts'
import type { Config } from './options.ts'
import { runSession } from './session.ts'
import { serveOn, socketsToServe } from './sockets.ts'

export interface DaemonOptions {
  readonly config: Config
  readonly version: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Told how to look into the agent, anew after each reload. */
  readonly onAgent: (look: () => AgentState) => void
  /** Calls back with other settings when they are to take effect (SIGHUP). */
  readonly onReload: (reload: (config: Config) => void) => void
  /** Aborts when flotad should end. Units are not touched by that, unless `stop_units_on_shutdown` asks for it. */
  readonly signal: AbortSignal
}

/** flotad on its sockets, which outlive a reload of the settings; all behind them is built anew then, and no unit notices. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { env, log, signal } = options
  const door = new ApiDoor()
  const server = await serveOn(socketsToServe(env, process.pid), door.onRequest)
  const openApi = server.openAddresses
  for (const address of openApi)
    log.warn('The API is open to the network: see ListenStream= in fleet.socket', { address })
  let next: Config | undefined = options.config
  let reload = new AbortController()
  options.onReload((config) => {
    next = config
    reload.abort()
  })
  const isEnding = () => signal.aborted
  while (next !== undefined && !isEnding()) {
    reload = new AbortController()
    const session = { ...options, config: next, door, openApi, isEnding }
    next = undefined
    await runSession({ ...session, signal: AbortSignal.any([signal, reload.signal]) })
  }
  await notifySystemd('STOPPING=1', env)
  await server.close()
}

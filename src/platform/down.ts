import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readContext, removeContext } from '../client/context.ts'
import type { ContextEnv } from '../client/context.ts'
import type { Clock } from '../lib/clock.ts'
import { knownHostsFile } from './access.ts'
import { closeFirewall } from './local/firewall.ts'
import { exists } from './local/files.ts'
import { clusterFolder, hostFolders, machinesFolder } from './local/folders.ts'
import { checkHost, hostLauncher } from './local/host.ts'
import { lockCluster } from './local/lock.ts'
import { stopService } from './local/host-service.ts'
import { bridgeName, machineIndex, parseClusterName } from './local/names.ts'
import { findLink, removeLink } from './local/network.ts'
import { removeMachine } from './local/remains.ts'
import type { Progress } from './progress.ts'
import { stopServices } from './services.ts'
import { closeSharedConnections } from './shared-connections.ts'
import { sshMark } from './ssh-command.ts'

export interface DownDeps {
  readonly clock: Clock
  readonly env: ContextEnv
  readonly progress: Progress
}

/**
 * Removes every trace of the cluster, whatever part of it is there; false when there was none. Machines lose power rather than shut
 * down: all they wrote goes with them. The folder goes last, so that an interrupted `down` is finished by the next one.
 */
export async function down(name: string, { clock, env, progress }: DownDeps): Promise<boolean> {
  parseClusterName(name)
  await checkHost('down')
  const bridge = bridgeName(name)
  const lock = await lockCluster(bridge)
  try {
    const folder = clusterFolder(hostFolders(env), name)
    const link = await findLink(bridge)
    const isOurs = link?.alias === folder
    const hasFolder = await exists(folder)
    if (!hasFolder && !isOurs) return false
    // Without an alias it was left by a run that ended right after making it.
    const isBridgeOurs = isOurs || (link !== undefined && link.alias === undefined)
    await progress.step(`Removing the cluster '${name}'`, async () => {
      const context = await readContext(name, env).catch(() => undefined)
      if (context !== undefined) await closeSharedConnections(context, env)
      await stopService(sshMark({ knownHostsFile: knownHostsFile(folder) }), clock)
      await removeMachines(folder, name, clock)
      await stopServices(folder, clock)
      if (isBridgeOurs) {
        await closeFirewall(bridge)
        await removeLink(bridge)
      }
      await removeContext(name, env)
      await rm(folder, { recursive: true, force: true })
      await removeIfEmpty(dirname(folder))
    })
    return true
  } finally {
    lock.release()
  }
}

async function removeMachines(folder: string, cluster: string, clock: Clock): Promise<void> {
  const whereabouts = { cluster, folder, launcher: await hostLauncher(clock), clock }
  const entries = await readdir(machinesFolder(folder)).catch(() => [])
  const names = new Set(entries.map((entry) => entry.replace(/\.partial$/, '')))
  const machines = [...names].filter((name) => machineIndex(cluster, name) !== undefined)
  await Promise.all(machines.map((name) => removeMachine(whereabouts, name)))
}

/** Other clusters may live beside it. */
async function removeIfEmpty(folder: string): Promise<void> {
  if ((await readdir(folder).catch(() => ['?'])).length === 0) await rmdir(folder)
}

import { join } from 'node:path'
import { realClock } from '../../src/lib/clock.ts'
import { clusterFolder, hostFolders } from '../../src/platform/local/folders.ts'
import { hostLauncher } from '../../src/platform/local/host.ts'
import { machineName } from '../../src/platform/local/names.ts'
import { cutPower as cut } from '../../src/platform/local/remains.ts'
import { flotaOk } from './flota.ts'

/** The local platform counts its addresses from .11 on. */
const nameOf = (cluster: string, ip: string) => machineName(cluster, Number(ip.split('.')[3]) - 10)

/** No process of the machine runs on, nothing is shut down in order. */
export async function cutPower(cluster: string, ip: string): Promise<void> {
  const folder = clusterFolder(hostFolders(process.env), cluster)
  await cut({ cluster, folder, launcher: await hostLauncher(realClock), clock: realClock }, nameOf(cluster, ip))
}

/** As a user does it: the next `up` starts what is off. */
export async function powerOn(cluster: string): Promise<void> {
  await flotaOk(['up', '--name', cluster], { withinMs: 120_000 })
}

/** A file of the cluster's folder on this host. */
export const clusterFile = (cluster: string, name: string): string =>
  join(clusterFolder(hostFolders(process.env), cluster), name)

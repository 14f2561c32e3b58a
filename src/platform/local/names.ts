import { createHash } from 'node:crypto'
import { FlotaError } from '../../lib/errors.ts'

/** Links' names have at most 15 characters (IFNAMSIZ); `vb-`, a dash and two digits leave nine for the cluster. */
const maxTagLength = 9
export const maxMachines = 99

/** The cluster's name as it appears in names of links and of machines' scopes: itself where it is short, else cut and hashed. */
export function clusterTag(cluster: string): string {
  return cluster.length <= maxTagLength ? cluster : `${cluster.slice(0, 4).replace(/-+$/, '')}-${shortHash(cluster, 4)}`
}

export function parseClusterName(name: string): string {
  if (/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) return name
  throw new FlotaError('invalid_argument', `Cannot name a cluster '${name}': it is no plain host name`, {
    hint: 'Use up to 30 lower-case letters, digits and dashes, beginning with a letter',
  })
}

/** `flota-1`, `flota-2`, ...: also the machine's host name. */
export const machineName = (cluster: string, index: number): string => `${cluster}-${index}`

/** The number in a machine's name, from 1; undefined when it is no machine of this cluster. */
export function machineIndex(cluster: string, name: string): number | undefined {
  const digits = name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : ''
  return /^[1-9][0-9]?$/.test(digits) ? Number(digits) : undefined
}

export const bridgeName = (cluster: string): string => `fl-${clusterTag(cluster)}`

/** The name systemd-nspawn knows the machine by; it names the host's end of its link `vb-` and this. */
export const scopeName = (cluster: string, index: number): string => `${clusterTag(cluster)}-${index}`
export const linkName = (cluster: string, index: number): string => `vb-${scopeName(cluster, index)}`

/** A control group or unit of the machine. Carries a hash of the folder, so that two state folders never share one. */
export const groupName = (machineFolder: string): string =>
  `flota-${machineFolder.split('/').at(-1) ?? ''}-${shortHash(machineFolder, 8)}`

const shortHash = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length)

import { join } from 'node:path'

/** Where things lie on the host. */
export interface HostFolders {
  /** Outlives clusters: roots and images, dear to make. */
  readonly cache: string
  /** One folder for each cluster, gone with it. */
  readonly state: string
}

export type HostEnv = Readonly<Record<string, string | undefined>>

export function hostFolders(env: HostEnv): HostFolders {
  return {
    cache: env['FLOTA_CACHE_DIR'] ?? '/var/cache/flota',
    state: env['FLOTA_STATE_DIR'] ?? '/var/lib/flota',
  }
}

export const clusterFolder = ({ state }: HostFolders, cluster: string): string => join(state, 'clusters', cluster)

/** What lies where in one machine's folder. */
export interface MachineFolders {
  readonly self: string
  /** Mount point of the overlay: the machine's `/`. */
  readonly root: string
  /** The machine's own files over the shared root. */
  readonly upper: string
  readonly work: string
  readonly containers: string
  /** Console of the machine since its last start. */
  readonly console: string
}

export const machinesFolder = (cluster: string): string => join(cluster, 'machines')

export function machineFolders(cluster: string, name: string): MachineFolders {
  const self = join(machinesFolder(cluster), name)
  return { self, ...inMachine(self) }
}

export const inMachine = (self: string): Omit<MachineFolders, 'self'> => ({
  root: join(self, 'root'),
  upper: join(self, 'upper'),
  work: join(self, 'work'),
  containers: join(self, 'containers'),
  console: join(self, 'console.log'),
})

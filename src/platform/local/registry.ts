import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotaError } from '../../lib/errors.ts'
import { writeWhole } from './files.ts'
import type { HostService } from './host-service.ts'

export interface RegistryOptions {
  /** The machines' root, which has the registry's program: the host needs no package for it. */
  readonly root: string
  /** The cluster's folder. */
  readonly folder: string
  readonly address: string
  readonly port: number
}

export const registryStorage = (folder: string): string => join(folder, 'registry')
const configPath = (folder: string): string => join(folder, 'registry.yml')
export const registryMark = configPath

/** The registry of docker images, without log-in, on the cluster's bridge only. Writes its configuration. */
export async function registryService({ root, folder, address, port }: RegistryOptions): Promise<HostService> {
  await writeWhole(configPath(folder), registryConfig(registryStorage(folder), `${address}:${port}`))
  const { loader, libraries } = await findLoader(root)
  const program = join(root, 'usr/bin/docker-registry')
  return {
    name: 'image registry',
    command: [loader, '--library-path', libraries, program, 'serve', configPath(folder)],
    mark: registryMark(folder),
    address,
    port,
    log: join(folder, 'registry.log'),
  }
}

/** YAML takes JSON's strings as they are. */
export const registryConfig = (storage: string, listen: string): string => `version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: ${JSON.stringify(storage)}
  delete:
    enabled: true
http:
  addr: ${JSON.stringify(listen)}
`

/** A program of the root runs on the host through the root's own loader and libraries, whatever the host's C library is. */
async function findLoader(root: string): Promise<{ readonly loader: string; readonly libraries: string }> {
  for (const folder of ['usr/lib64', 'usr/lib']) {
    const names = await readdir(join(root, folder)).catch(() => [])
    const name = names.find((entry) => /^ld-linux-.*\.so\.\d+$/.test(entry))
    const triplet = (await readdir(join(root, 'usr/lib'))).find((entry) => entry.endsWith('-linux-gnu'))
    if (name !== undefined && triplet !== undefined) {
      return { loader: join(root, folder, name), libraries: join(root, 'usr/lib', triplet) }
    }
  }
  throw new FlotaError('internal', `Cannot run the image registry: '${root}' has no dynamic loader`)
}

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import { exists, makeWhole } from './local/files.ts'
import { ensureService, stopService } from './local/host-service.ts'
import { registryMark, registryService, registryStorage } from './local/registry.ts'
import type { ClusterRecord } from './record.ts'

export interface ServicesOptions {
  readonly folder: string
  readonly record: ClusterRecord
  /** The host's address on the bridge. */
  readonly address: string
  /** The package whose `flota` serves discovery. */
  readonly artefact: string
  /** Registry storage that already has the sample image, if there is one. */
  readonly imageCache: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

const discoveryFolder = (folder: string): string => join(folder, 'discovery')

/** The registry of images, filled from the cache of an earlier cluster when it is new. */
export async function ensureRegistry(options: ServicesOptions): Promise<void> {
  const { folder, record, address, imageCache } = options
  const storage = registryStorage(folder)
  if (!(await exists(storage))) {
    await makeWhole(storage, async (target) => {
      if (await exists(imageCache)) await cp(imageCache, target, { recursive: true })
    })
  }
  await ensureService(await registryService({ root: record.root, folder, address, port: record.registryPort }), options)
}

/** The discovery service, needed while machines find each other for the first time. */
export async function ensureDiscovery(options: ServicesOptions): Promise<void> {
  const { folder, record, address, artefact } = options
  const data = discoveryFolder(folder)
  const listen = `${address}:${record.discoveryPort}`
  const program = join(artefact, 'bin', 'flota.js')
  await ensureService(
    {
      name: 'discovery service',
      command: [process.execPath, program, 'discovery', 'serve', '--listen', listen, '--data-dir', data],
      mark: data,
      address,
      port: record.discoveryPort,
      log: join(folder, 'discovery.log'),
    },
    options,
  )
}

export async function stopDiscovery(folder: string, clock: Clock): Promise<void> {
  await stopService(discoveryFolder(folder), clock)
}

export async function stopServices(folder: string, clock: Clock): Promise<void> {
  await Promise.all([stopDiscovery(folder, clock), stopService(registryMark(folder), clock)])
}

/** Asks the cluster's discovery service for a token of `size` members; gives the whole URL. */
export async function newDiscoveryUrl(
  service: string,
  options: { size: number; signal: AbortSignal },
): Promise<string> {
  const { size, signal } = options
  const response = await fetch(`${service}/new?size=${size}`, { signal }).catch((cause: unknown) => {
    throw new FlotaError('unavailable', `Cannot get a discovery token from '${service}'`, { cause })
  })
  const url = (await response.text()).trim()
  if (response.ok && /^https?:\/\/\S+\/[0-9a-f]{32}$/.test(url)) return url
  throw new FlotaError(
    'unavailable',
    `Cannot get a discovery token from '${service}': it answered ${response.status} '${url.slice(0, 200)}'`,
  )
}

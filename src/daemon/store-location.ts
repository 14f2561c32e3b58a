import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import type { TlsFiles } from './etcd-tls.ts'

/** Where flotad tells its companions on the same machine (the balancer) how to reach the store. */
export const storeLocationFile = '/run/flota/store.json'

export interface StoreLocation {
  readonly endpoints: readonly string[]
  readonly publicIp: string
  readonly tls: TlsFiles
}

export async function writeStoreLocation(location: StoreLocation, file = storeLocationFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(location)}\n`)
  await rename(`${file}.new`, file)
}

/** Errors: `unavailable` while flotad has not found the store, `failed_precondition` when what it wrote cannot be used. */
export async function readStoreLocation(file = storeLocationFile): Promise<StoreLocation> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FlotaError('unavailable', `Cannot find the store: flotad has not written '${file}'`, {
      cause,
      hint: 'a balancer needs a cluster on etcd; see: systemctl status fleet.service',
    })
  })
  const parsed: unknown = JSON.parse(text)
  if (isStoreLocation(parsed)) return parsed
  throw new FlotaError('failed_precondition', `Cannot use '${file}': it does not name the store`)
}

function isStoreLocation(value: unknown): value is StoreLocation {
  if (typeof value !== 'object' || !value || !('endpoints' in value) || !('publicIp' in value) || !('tls' in value))
    return false
  return Array.isArray(value.endpoints) && value.endpoints.length > 0 && typeof value.publicIp === 'string'
}

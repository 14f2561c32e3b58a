import { readFile } from 'node:fs/promises'
import { FlotaError } from '../lib/errors.ts'
import type { EtcdTls } from '../store/etcd/connections.ts'

/** Paths of PEM files; an empty one is not used. */
export interface TlsFiles {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** Errors: `invalid_argument` naming the file that cannot be read. */
export async function readTls({ caFile, certFile, keyFile }: TlsFiles): Promise<EtcdTls> {
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(readPem))
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

async function readPem(path: string): Promise<string | undefined> {
  if (path === '') return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new FlotaError('invalid_argument', `Cannot read certificate file '${path}'`, { cause })
  }
}

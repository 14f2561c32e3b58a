import { join } from 'node:path'
import { findClientUrls } from '../discovery/find-members.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { openEmbeddedStore } from '../store/embedded/embedded-store.ts'
import { createEtcdStore, type EtcdStore } from '../store/etcd/etcd-store.ts'
import type { Store } from '../store/store.ts'
import { localEndpoints } from './endpoints.ts'
import { readTls, type TlsFiles } from './etcd-tls.ts'
import { followMembers } from './etcd-members.ts'
import type { Config } from './options.ts'
import { writeStoreLocation } from './store-location.ts'

export interface StoreDeps {
  readonly config: Config
  readonly publicIp: string
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
}

export interface OpenedStore {
  readonly store: Store
  /** Raft's term of etcd as last heard; on the embedded store, which has no elections, there is none. */
  readonly term: () => bigint | undefined
  /** Follows etcd's membership until the signal aborts. */
  readonly follow: Promise<void>
}

/** The store that the settings name: etcd where it is configured, else the embedded one. Does not wait for etcd to be there. */
export async function openClusterStore(deps: StoreDeps): Promise<OpenedStore> {
  switch (storeKind(deps.config)) {
    case 'embedded': {
      const directory = join(deps.config.data_directory, 'store')
      const store = await openEmbeddedStore({ directory, ...deps })
      return { store, term: () => undefined, follow: Promise.resolve() }
    }
    case 'etcd':
      return openEtcd(deps)
  }
}

function storeKind({ store, etcd_servers, discovery }: Config): 'embedded' | 'etcd' {
  if (store === 'embedded' || store === 'etcd') return store
  if (store === '') return etcd_servers.length > 0 || discovery !== '' ? 'etcd' : 'embedded'
  throw new FlotaError('invalid_argument', `Cannot use store '${store}': unknown kind`, {
    hint: 'write embedded or etcd',
  })
}

async function openEtcd(deps: StoreDeps): Promise<OpenedStore> {
  const { config } = deps
  const endpoints = config.etcd_servers.length > 0 ? config.etcd_servers : localEndpoints.slice(0, 1)
  const store = createEtcdStore({
    endpoints,
    requestTimeoutMs: config.etcd_request_timeout * 1_000,
    tls: await readTls(tlsFiles(config)),
    ...deps,
  })
  return { store, term: () => store.term, follow: followEtcd(store, deps) }
}

const withTimeout = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(5_000)])

async function followEtcd(store: EtcdStore, deps: StoreDeps): Promise<void> {
  const { config, signal, publicIp } = deps
  const onEndpoints = (endpoints: readonly string[]) =>
    writeStoreLocation({ endpoints, publicIp, tls: tlsFiles(config) })
  if (config.etcd_servers.length > 0) return onEndpoints(config.etcd_servers)
  const { discovery } = config
  const discovered =
    discovery === '' ? undefined : () => findClientUrls(discovery, { fetch, signal: withTimeout(signal) })
  const file = join(config.data_directory, 'etcd-endpoints.json')
  await followMembers({ store, discovered, file, onEndpoints, ...deps })
}

const tlsFiles = ({ etcd_cafile, etcd_certfile, etcd_keyfile }: Config): TlsFiles => ({
  caFile: etcd_cafile,
  certFile: etcd_certfile,
  keyFile: etcd_keyfile,
})

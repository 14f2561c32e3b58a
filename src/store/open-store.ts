import type { Clock } from '../lib/clock.ts'
import { unreachable } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { openEmbeddedStore } from './embedded/embedded-store.ts'
import type { EtcdTls } from './etcd/connections.ts'
import { createEtcdStore } from './etcd/etcd-store.ts'
import type { Store } from './store.ts'

export type StoreConfig =
  | { readonly kind: 'embedded'; readonly directory: string }
  | { readonly kind: 'etcd'; readonly endpoints: readonly string[]; readonly tls?: EtcdTls }

export interface StoreDeps {
  readonly clock: Clock
  readonly log: Log
}

/** The store of this machine. Whoever needs etcd's own calls too takes `createEtcdStore`. */
export async function openStore(config: StoreConfig, deps: StoreDeps): Promise<Store> {
  switch (config.kind) {
    case 'embedded':
      return openEmbeddedStore({ directory: config.directory, ...deps })
    case 'etcd':
      return createEtcdStore({ ...config, ...deps })
    default:
      return unreachable(config)
  }
}

import { compactEtcd, startEtcd } from '../../../test/real/etcd.ts'
import { describeStoreContract } from '../../../test/contract/store-contract.ts'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { createEtcdStore } from './etcd-store.ts'

for (const size of [1, 3] as const) {
  describeStoreContract(`etcd of ${size}`, async () => {
    const cluster = await startEtcd(size)
    const store = createEtcdStore({ endpoints: cluster.clientUrls, clock: realClock, log: silentLog })
    return {
      store,
      compact: () => compactEtcd(cluster.clientUrls[0] ?? ''),
      dispose: async () => {
        await store.close()
        await cluster.stop()
      },
    }
  })
}

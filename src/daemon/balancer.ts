import { readFile } from 'node:fs/promises'
import { runBalancer } from '../balancer/balancer.ts'
import { realClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { parseMachineId } from '../machine/machine.ts'
import { ClusterFeed } from '../store/cluster-feed.ts'
import { createEtcdStore } from '../store/etcd/etcd-store.ts'
import { readTls } from './etcd-tls.ts'
import { notifySystemd } from './notify.ts'
import { readStoreLocation } from './store-location.ts'

const directory = '/var/lib/flota/balancer'
const nginxPath = '/usr/sbin/nginx'
const ports = { http: 80, https: 443 }

/** `flota balancer`: nginx over the cluster's routes on this machine, until the signal aborts. */
export async function runBalancerCommand(signal: AbortSignal): Promise<void> {
  const log = createLog({ level: 'info', format: 'text' })
  const world = { clock: realClock, log, random: () => Math.random() }
  const location = await readStoreLocation()
  const store = createEtcdStore({ endpoints: location.endpoints, tls: await readTls(location.tls), ...world })
  const feed = new ClusterFeed({ store, ...world })
  const machine = parseMachineId(await readFile('/etc/machine-id', 'utf8'))
  try {
    await notifySystemd('READY=1', process.env)
    await runBalancer({
      machine,
      address: location.publicIp,
      store,
      feed,
      directory,
      nginxPath,
      ports,
      signal,
      ...world,
    })
  } finally {
    await feed.close()
    await store.close()
  }
}

import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { reconcileForever, Wake } from '../lib/reconcile.ts'
import type { EtcdStore } from '../store/etcd/etcd-store.ts'
import { answersAsEtcd, findEndpoints, localEndpoints, readEndpoints, writeEndpoints } from './endpoints.ts'

export interface MembersOptions {
  readonly store: EtcdStore
  /** Client URLs of the members behind the discovery URL; undefined when there is none. */
  readonly discovered: (() => Promise<readonly string[]>) | undefined
  /** Where the last known client URLs are kept over restarts. */
  readonly file: string
  /** Told each time the endpoints are known anew. */
  readonly onEndpoints: (endpoints: readonly string[]) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
}

/** Membership changes by hand and seldom; until then the remaining endpoints serve. */
const everyMs = 60_000

/** Finds etcd, then follows its membership, so that the loss of the members known at the start is no loss. Ends with the signal. */
export async function followMembers(options: MembersOptions): Promise<void> {
  const { store, file, signal } = options
  let known: readonly string[] = []
  const pass = async (): Promise<void> => {
    if (known.length === 0) {
      known = await findEndpoints({ answers: answersAsEtcd, remembered: await readEndpoints(file), ...options })
      store.updateEndpoints(known)
      // Kept before anything else can fail: the discovery service is there for the cluster's birth only.
      await writeEndpoints(file, remote(known))
    }
    const members = await store.memberClientUrls(signal)
    const isLocal = await answersAsEtcd(localEndpoints[0])
    known = isLocal ? [localEndpoints[0], ...members] : members
    store.updateEndpoints(known)
    await writeEndpoints(file, remote(members))
    await options.onEndpoints(known)
  }
  await reconcileForever(pass, { ...options, name: 'etcd-members', wake: new Wake(), everyMs })
}

const remote = (endpoints: readonly string[]) => endpoints.filter((url) => url !== localEndpoints[0])

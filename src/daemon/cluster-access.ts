import type { ClusterAccess } from '../api/cluster-access.ts'
import type { ClusterView } from '../cluster/view.ts'
import { FlotaError } from '../lib/errors.ts'
import type { ClusterFeed } from '../store/cluster-feed.ts'

/** A request that has waited this long for a view is told that the store is away. */
const patienceMs = 5_000

/** The API's view is the process's one feed, held for the moment of the request. */
export function toClusterAccess(feed: ClusterFeed): ClusterAccess {
  return { view: (signal, atLeast = 0n) => viewAt(feed, atLeast, signal) }
}

async function viewAt(feed: ClusterFeed, atLeast: bigint, signal: AbortSignal): Promise<ClusterView> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  try {
    await feed.acquire(patience)
    await feed.waitForRevision(atLeast, patience)
    return feed.view
  } catch (cause) {
    throw new FlotaError('unavailable', 'Cannot show the cluster: the store is away', { cause })
  } finally {
    feed.release()
  }
}

import type { ClusterView } from '../cluster/view.ts'

/** Who gives the API its view of the whole cluster. */
export interface ClusterAccess {
  /**
   * The view at `atLeast` or later, and never older than a view this process gave before. The first call starts the feed, which ends
   * when nobody has asked for a while. Rejects with `unavailable` while the store is away, and when the signal aborts.
   */
  view(signal: AbortSignal, atLeast?: bigint): Promise<ClusterView>
}

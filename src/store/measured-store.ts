import type { Clock } from '../lib/clock.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { Store } from './store.ts'

const names = {
  count: 'fleet_registry_operation_count_total',
  failed: 'fleet_registry_operation_failed_count_total',
  duration: 'fleet_registry_operation_duration_second',
} as const

/** The same store, with each call counted and timed, under the names that fleet gave to its registry. */
export function measuredStore(store: Store, { metrics, clock }: { metrics: Metrics; clock: Clock }): Store {
  metrics.declare('counter', names.count, 'Calls of the store')
  metrics.declare('counter', names.failed, 'Calls of the store that failed')
  metrics.declare('summary', names.duration, 'Time that calls of the store took')
  async function measure<T>(type: string, call: () => Promise<T>): Promise<T> {
    const startMs = clock.nowMs()
    metrics.add(names.count, { type })
    try {
      return await call()
    } catch (error) {
      metrics.add(names.failed, { type })
      throw error
    } finally {
      metrics.observe(names.duration, { type }, (clock.nowMs() - startMs) / 1_000)
    }
  }
  return {
    read: (range, signal) => measure('read', () => store.read(range, signal)),
    commit: (commit, signal) => measure('commit', () => store.commit(commit, signal)),
    grantLease: (ttlSeconds, signal) => measure('grant-lease', () => store.grantLease(ttlSeconds, signal)),
    renewLease: (lease, signal) => measure('renew-lease', () => store.renewLease(lease, signal)),
    revokeLease: (lease, signal) => measure('revoke-lease', () => store.revokeLease(lease, signal)),
    leaseRemainingMs: (lease, signal) => measure('lease-time', () => store.leaseRemainingMs(lease, signal)),
    watch: (range, fromRevision, signal) => {
      metrics.add(names.count, { type: 'watch' })
      return store.watch(range, fromRevision, signal)
    },
    limits: store.limits,
    close: () => store.close(),
  }
}

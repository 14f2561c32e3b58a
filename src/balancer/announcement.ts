import type { BalancerRecord } from '../cluster/records.ts'
import type { Clock } from '../lib/clock.ts'
import type { MachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { LeaseId, Store } from '../store/store.ts'

/** Renewed every 2 s: after 8 s of silence a drain no longer waits for this balancer. */
const ttlSeconds = 8
export const renewEveryMs = 2_000

export interface AnnouncementOptions {
  readonly store: Store
  readonly machine: MachineId
  readonly clock: Clock
}

/** `balancers/<machine>` under a lease of its own: put when it changed, gone when the balancer is. */
export class Announcement {
  readonly #options: AnnouncementOptions
  #lease: LeaseId | undefined
  #renewedMs = -Infinity
  #published: string | undefined

  constructor(options: AnnouncementOptions) {
    this.#options = options
  }

  async pass(record: BalancerRecord, signal: AbortSignal): Promise<void> {
    const lease = await this.#liveLease(signal)
    const value = codecs.balancer.encode(record)
    if (value === this.#published) return
    const { store, machine } = this.#options
    const put = { kind: 'put', key: keys.balancer(machine), value, lease } as const
    await store.commit({ operations: [put] }, signal)
    this.#published = value
  }

  /** Ends the lease, so that nobody waits for this balancer. */
  async withdraw(): Promise<void> {
    if (this.#lease !== undefined) await this.#options.store.revokeLease(this.#lease)
    this.#lease = undefined
  }

  /** Counted from the moment a renewal was sent; a little early, so that the timer that wakes a pass is not just too soon. */
  async #liveLease(signal: AbortSignal): Promise<LeaseId> {
    const { store, clock } = this.#options
    const nowMs = clock.nowMs()
    if (this.#lease !== undefined && nowMs < this.#renewedMs + renewEveryMs * 0.9) return this.#lease
    const isAlive = this.#lease !== undefined && (await store.renewLease(this.#lease, signal))
    if (this.#lease === undefined || !isAlive) {
      this.#published = undefined
      this.#lease = await store.grantLease(ttlSeconds, signal)
    }
    this.#renewedMs = nowMs
    return this.#lease
  }
}

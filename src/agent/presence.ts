import { codecs } from '../store/codec.ts'
import type { PresenceRecord } from '../cluster/records.ts'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { Wake } from '../lib/reconcile.ts'
import type { MachineId, Metadata } from '../machine/machine.ts'
import { keys } from '../store/keys.ts'
import type { Compare, Entry, LeaseId, Operation, Store } from '../store/store.ts'

/** This machine as it tells the cluster. */
export interface AgentMachine {
  readonly id: MachineId
  readonly nonce: string
  readonly bootId: string
  readonly publicIp: string
  readonly metadata: Metadata
  readonly version: string
  /** Where its API is open to the network; none unless somebody wrote so. */
  readonly openApi?: readonly string[]
}

export interface PresenceOptions {
  readonly machine: AgentMachine
  readonly store: Store
  readonly ttlMs: number
  readonly renewEveryMs: number
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** A new lease holds: whatever lies under the lease must be put again, and what is known of the store read again. */
  readonly onJoined: (lease: LeaseId) => void
  /** The lease is known to hold again after it was in doubt. */
  readonly onConfirmed: () => void
}

/** How long a machine whose flotad was stopped on purpose stays in the cluster. */
const unmanagedSeconds = 600

/** The machine's lease and what says that it is there: one writer, this agent. */
export class Presence {
  readonly #options: PresenceOptions
  readonly #wake = new Wake()
  #lease: LeaseId | undefined
  /** Of the agent before us, or of our own before it was lost: ended once everything lies under the new one. */
  #oldLease: LeaseId | undefined
  #confirmedUntilMs = -Infinity
  /** Why this machine cannot be a member. */
  #refusal: FlotaError | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  get lease(): LeaseId | undefined {
    return this.#lease
  }

  /** The store said, less than a lease ago, that this machine is a member. Counted from when the question was sent. */
  isConfirmed(): boolean {
    return this.#lease !== undefined && this.#options.clock.nowMs() < this.#confirmedUntilMs
  }

  /**
   * Joins, and stays in, until the signal aborts. Without a store it tries on for ever. Rejects only with `failed_precondition`: another
   * machine with this machine-id is alive.
   */
  async keep(signal: AbortSignal): Promise<void> {
    const { log, random, renewEveryMs } = this.#options
    signal.addEventListener('abort', () => this.#wake.ring())
    let failures = 0
    while (!signal.aborted) {
      const error = await this.#joinOrRenew(signal)
      if (this.#refusal !== undefined) throw this.#refusal
      if (error === undefined && failures > 0) log.info('The store answers again')
      if (error !== undefined && failures === 0) log.warn('Cannot reach the cluster, units keep running', { error })
      failures = error === undefined ? 0 : failures + 1
      const retryMs = backoffMs(failures, { firstMs: 50, maxMs: renewEveryMs, random })
      if (failures > 0) await this.#rest(retryMs, signal)
      else if (this.#lease !== undefined) await this.#rest(renewEveryMs, signal)
    }
  }

  /** All states lie under this lease: the machine takes new units, and what an earlier lease still holds may go. */
  async markReady(lease: LeaseId): Promise<void> {
    if (lease !== this.#lease) return
    await this.#put(lease, { isReady: true })
    await this.#revokeOld()
  }

  /** The store does not know the lease any more. */
  lost(lease: LeaseId): void {
    if (lease !== this.#lease) return
    this.#lease = undefined
    this.#confirmedUntilMs = -Infinity
    this.#wake.ring()
  }

  /** For a planned stop: under the lease that is returned the machine stays for ten minutes, and no unit of it moves. */
  async leaveUnmanaged(signal: AbortSignal): Promise<LeaseId | undefined> {
    if (this.#lease === undefined) return undefined
    const lease = await this.#options.store.grantLease(unmanagedSeconds, signal)
    await this.#put(lease, { isReady: false, isUnmanaged: true }, signal)
    this.#oldLease = this.#lease
    this.#lease = undefined
    return lease
  }

  /** The machine is no member any more: its presence and its states end with the lease. */
  async leave(signal: AbortSignal): Promise<void> {
    const lease = this.#lease
    this.#lease = undefined
    if (lease !== undefined) await this.#options.store.revokeLease(lease, signal)
    await this.#revokeOld()
  }

  /** Ends the lease from before `leaveUnmanaged`, once the states lie under the new one too. */
  async endOldLease(): Promise<void> {
    await this.#revokeOld()
  }

  /** Resolves to what went wrong. */
  async #joinOrRenew(signal: AbortSignal): Promise<unknown> {
    try {
      if (this.#lease === undefined) await this.#join(signal)
      else await this.#renew(this.#lease, signal)
      return undefined
    } catch (error) {
      return signal.aborted ? undefined : error
    }
  }

  /** Ends early when the lease is found to be lost, and when the agent ends. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const done = new AbortController()
    this.#wake.clear()
    if (signal.aborted) return
    await Promise.race([this.#options.clock.sleep(ms, done.signal).catch(() => {}), this.#wake.rung(done.signal)])
    done.abort()
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { store, clock, machine, ttlMs } = this.#options
    const record = await readOne(store, keys.machineRecord(machine.id), signal)
    const presence = await this.#readFreePresence(signal)
    const sentMs = clock.nowMs()
    const lease = await store.grantLease(toLeaseSeconds(ttlMs), signal)
    const operations: readonly Operation[] = [
      ...recordOperations(record, this.#options),
      this.#presenceOperation(lease, { isReady: false }),
    ]
    const compares = [
      compareOf(keys.machineRecord(machine.id), record),
      compareOf(keys.machinePresence(machine.id), presence),
    ]
    const result = await store.commit({ compares, operations }, signal)
    if (result.kind === 'conflict') {
      throw new FlotaError('conflict', `Cannot join as machine '${machine.id}': its record changed meanwhile`)
    }
    if (presence !== undefined && presence.lease !== 0n) this.#oldLease = presence.lease
    this.#lease = lease
    this.#confirmedUntilMs = sentMs + ttlMs
    this.#options.onJoined(lease)
  }

  /** Waits for what another nonce left behind to end; what is still renewed after that is another machine. */
  async #readFreePresence(signal: AbortSignal): Promise<Entry | undefined> {
    const { store, clock, machine, ttlMs } = this.#options
    const deadlineMs = clock.nowMs() + ttlMs + 1_000
    for (;;) {
      const entry = await readOne(store, keys.machinePresence(machine.id), signal)
      if (entry === undefined) return undefined
      const { nonce } = codecs.presence.decode(entry.value, entry.key)
      if (nonce === machine.nonce) return entry
      if (clock.nowMs() >= deadlineMs) throw (this.#refusal = otherMachine(machine, nonce))
      await clock.sleep(500, signal)
    }
  }

  async #renew(lease: LeaseId, signal: AbortSignal): Promise<void> {
    const { store, clock, ttlMs, onConfirmed } = this.#options
    const sentMs = clock.nowMs()
    if (!(await store.renewLease(lease, signal))) {
      this.lost(lease)
      return
    }
    const wasInDoubt = !this.isConfirmed()
    this.#confirmedUntilMs = sentMs + ttlMs
    if (wasInDoubt) onConfirmed()
  }

  async #put(
    lease: LeaseId,
    flags: Pick<PresenceRecord, 'isReady' | 'isUnmanaged'>,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#options.store.commit({ operations: [this.#presenceOperation(lease, flags)] }, signal)
  }

  #presenceOperation(lease: LeaseId, flags: Pick<PresenceRecord, 'isReady' | 'isUnmanaged'>): Operation {
    const { id, bootId, nonce } = this.#options.machine
    const value = codecs.presence.encode({ bootId, nonce, ...flags })
    return { kind: 'put', key: keys.machinePresence(id), value, lease }
  }

  async #revokeOld(): Promise<void> {
    const old = this.#oldLease
    if (old === undefined) return
    await this.#options.store.revokeLease(old)
    this.#oldLease = undefined
  }
}

async function readOne(store: Store, key: string, signal: AbortSignal): Promise<Entry | undefined> {
  return (await store.read({ key }, signal)).entries[0]
}

const compareOf = (key: string, entry: Entry | undefined): Compare => ({ key, modRevision: entry?.modRevision ?? 0n })

/** The record stays when the machine goes; it is written only when something in it changed. Fields of a newer version stay. */
function recordOperations(before: Entry | undefined, options: PresenceOptions): readonly Operation[] {
  const { machine, clock, ttlMs } = options
  const known = before === undefined ? undefined : codecs.record.decode(before.value, before.key)
  const { nonce, publicIp, metadata, version, openApi = [] } = machine
  const firstSeen = known?.firstSeen ?? clock.wall().toISOString()
  const own = { nonce, firstSeen, publicIp, metadata, version, leaseSeconds: toLeaseSeconds(ttlMs), openApi }
  const value = codecs.record.encode({ ...known, ...own })
  return value === before?.value ? [] : [{ kind: 'put', key: keys.machineRecord(machine.id), value }]
}

/** etcd counts whole seconds. */
const toLeaseSeconds = (ttlMs: number): number => Math.ceil(ttlMs / 1_000)

function otherMachine({ id, nonce }: AgentMachine, other: string): FlotaError {
  return new FlotaError(
    'failed_precondition',
    `Cannot join as machine '${id}': another machine with this machine-id is alive (its nonce ${other}, ours ${nonce})`,
    { hint: 'give one of the two a new /etc/machine-id (systemd-machine-id-setup) and restart it' },
  )
}

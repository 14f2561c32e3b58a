import type { ScheduleRecord } from '../cluster/records.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { codecs } from '../store/codec.ts'
import { followRange } from '../store/feed.ts'
import { keys, parseKey } from '../store/keys.ts'
import type { Change, Entry, Store } from '../store/store.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import type { UnitName } from '../unit/unit.ts'
import type { AgentMachine } from './presence.ts'

export interface ScheduleViewOptions {
  readonly machine: Pick<AgentMachine, 'id'>
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
  readonly onNews: () => void
}

/** The schedule of this machine, from the one prefix an agent watches. */
export class ScheduleView {
  readonly #options: ScheduleViewOptions
  readonly #entries = new Map<UnitName, ScheduleRecord>()
  readonly #unreadable = new Set<UnitName>()
  #following = new AbortController()
  #isCurrent = false

  constructor(options: ScheduleViewOptions) {
    this.#options = options
  }

  /** Undefined while it is not known to be current. */
  get wanted(): ReadonlyMap<UnitName, ScheduleRecord> | undefined {
    return this.#isCurrent ? this.#entries : undefined
  }

  /** There is an entry, and it is not for us to judge what it says: the unit is left as it is. */
  isUnreadable(unit: UnitName): boolean {
    return this.#unreadable.has(unit)
  }

  /**
   * Reads the schedule anew and follows it. After the machine's lease was lost and taken again, what a watch told before proves nothing:
   * the units may have moved meanwhile.
   */
  follow(): void {
    const { store, machine, clock, log, random, signal } = this.#options
    this.#following.abort()
    this.#following = new AbortController()
    this.#isCurrent = false
    const current = AbortSignal.any([signal, this.#following.signal])
    void followRange(
      store,
      { prefix: keys.scheduleOf(machine.id) },
      {
        onReset: (entries) => this.#reset(entries),
        onChanges: (changes) => this.#change(changes),
        onLost: () => (this.#isCurrent = false),
        ...{ clock, log, random, signal: current },
      },
    )
  }

  #reset(entries: readonly Entry[]): void {
    this.#entries.clear()
    this.#unreadable.clear()
    for (const entry of entries) this.#put(entry)
    this.#isCurrent = true
    this.#options.onNews()
  }

  #change(changes: readonly Change[]): void {
    const wasCurrent = this.#isCurrent
    for (const change of changes) {
      if (change.kind === 'put') this.#put(change.entry)
      else this.#remove(change.key)
    }
    this.#isCurrent = true
    if (changes.length > 0 || !wasCurrent) this.#options.onNews()
  }

  #put(entry: Entry): void {
    const unit = unitOf(entry.key)
    if (unit === undefined) return
    try {
      this.#entries.set(parseUnitName(unit), codecs.schedule.decode(entry.value, entry.key))
      this.#unreadable.delete(unit)
    } catch (error) {
      this.#options.log.error('Cannot read a schedule entry, its unit is left as it is', { unit, error })
      this.#entries.delete(unit)
      this.#unreadable.add(unit)
    }
  }

  #remove(key: string): void {
    const unit = unitOf(key)
    if (unit === undefined) return
    this.#entries.delete(unit)
    this.#unreadable.delete(unit)
  }
}

function unitOf(key: string): UnitName | undefined {
  const parsed = parseKey(key)
  return parsed.kind === 'schedule' ? parsed.unit : undefined
}

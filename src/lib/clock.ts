import { setTimeout as delay } from 'node:timers/promises'

/** The only source of time. Leases and deadlines use `nowMs`; people and records use `wall`. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean something. Does not jump with the wall clock. */
  nowMs(): number
  /** The wall clock. Never compared to decide an order: revisions do that. */
  wall(): Date
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const realClock: Clock = {
  nowMs: () => performance.now(),
  wall: () => new Date(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted()
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}

/** RFC 3339 UTC of milliseconds since 1970, for people and records. */
export const toUtcText = (ms: number): string => new Date(ms).toISOString()

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** A clock for tests: it stands still until `advance` is called. */
export class ManualClock implements Clock {
  #nowMs = 0
  #sleepers: Sleeper[] = []

  nowMs(): number {
    return this.#nowMs
  }

  wall(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#nowMs)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason as Error)
      }
      const wake = () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper = { atMs: this.#nowMs + ms, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', stop)
    })
  }

  /** Moves time forward and wakes, in order, everybody whose time has come. */
  async advance(ms: number): Promise<void> {
    this.#nowMs += ms
    const due = this.#sleepers.filter((s) => s.atMs <= this.#nowMs).toSorted((a, b) => a.atMs - b.atMs)
    this.#sleepers = this.#sleepers.filter((s) => s.atMs > this.#nowMs)
    for (const sleeper of due) sleeper.wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

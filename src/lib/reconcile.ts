import { backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

/** Rings when a pass should look again. Rings that come during a pass are folded into one further pass. */
export class Wake {
  #isRung = false
  readonly #waiters = new Set<() => void>()

  ring(): void {
    this.#isRung = true
    for (const wake of this.#waiters) wake()
  }

  /** Called as a pass begins: whatever rang until now, this pass sees. */
  clear(): void {
    this.#isRung = false
  }

  /** Resolves at once when rung since the last `clear`, else at the next ring or when `signal` aborts. */
  async rung(signal: AbortSignal): Promise<void> {
    if (this.#isRung || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiters.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiters.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}

export interface ReconcileOptions {
  /** Word for the log: which loop this is. */
  readonly name: string
  readonly wake: Wake
  /** A pass is made at the latest this long after the last one; absent = only when woken. */
  readonly everyMs?: number
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly random: () => number
}

/**
 * Runs `pass` now, then whenever woken or the timer runs out, until the signal aborts. A pass reads the whole truth again;
 * a wake says only "look". This is the one place where a pass's error ends: it is logged, and the next pass waits with backoff.
 */
export async function reconcileForever(pass: () => Promise<void>, options: ReconcileOptions): Promise<void> {
  const { name, wake, everyMs, clock, log, signal, random } = options
  let failures = 0
  while (!signal.aborted) {
    wake.clear()
    try {
      await pass()
      failures = 0
    } catch (error) {
      if (isAborted(signal)) return
      log.warn('Pass failed, trying again', { loop: name, failures, error })
      await clock.sleep(backoffMs(failures++, { firstMs: 100, maxMs: 5_000, random }), signal).catch(() => {})
      continue
    }
    await waitForWork({ wake, everyMs, clock, signal })
  }
}

/** Behind a call, so that the type checker does not take the loop's first look for the last word. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

interface WaitOptions {
  readonly wake: Wake
  readonly everyMs: number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

async function waitForWork({ wake, everyMs, clock, signal }: WaitOptions): Promise<void> {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const waits = [wake.rung(either)]
  if (everyMs !== undefined) waits.push(clock.sleep(everyMs, either).catch(() => {}))
  await Promise.race(waits)
  done.abort()
}

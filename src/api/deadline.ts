import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'

export interface Deadline {
  readonly clock: Clock
  readonly withinMs: number
  /** For the message: "Cannot <what>: ...". */
  readonly what: string
}

/** Gives `work` a signal that aborts with `deadline_exceeded` when its time is over. */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, withinMs, what } = deadline
  const late = new AbortController()
  const done = new AbortController()
  const expire = () =>
    late.abort(new FlotaError('deadline_exceeded', `Cannot ${what}: no answer within ${withinMs / 1000} s`))
  clock.sleep(withinMs, done.signal).then(expire, () => {})
  try {
    return await work(late.signal)
  } finally {
    done.abort()
  }
}

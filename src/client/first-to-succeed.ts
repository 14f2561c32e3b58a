import type { Clock } from '../lib/clock.ts'

export interface Race {
  readonly clock: Clock
  /** How long a try is waited for before the next one starts beside it. */
  readonly staggerMs: number
}

/**
 * Tries the candidates in order: the next one starts when one failed, or is slow. The first to succeed wins and every signal aborts,
 * so nothing that is to live on may hang on it. Rejects with all failures, in order, when none succeeds.
 */
export function firstToSucceed<C, T>(
  candidates: readonly C[],
  { clock, staggerMs }: Race,
  attempt: (candidate: C, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const waiting = [...candidates.entries()]
  const failures: unknown[] = []
  let left = candidates.length
  return new Promise((resolve, reject) => {
    const startNext = (): void => {
      const entry = over.signal.aborted ? undefined : waiting.shift()
      if (entry === undefined) return
      const [at, candidate] = entry
      const lost = (error: unknown) => {
        failures[at] = error
        if (--left === 0) reject(new AggregateError(failures, 'every try failed'))
        startNext()
      }
      const won = (value: T) => {
        resolve(value)
        over.abort()
      }
      attempt(candidate, over.signal).then(won, lost)
      clock.sleep(staggerMs, over.signal).then(startNext, () => {})
    }
    startNext()
  })
}

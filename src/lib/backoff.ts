export interface BackoffOptions {
  readonly firstMs: number
  readonly maxMs: number
  /** Chance, 0 <= x < 1; injected so that a test can fix it. */
  readonly random: () => number
}

/** Milliseconds to wait before try number `attempt` (from 0): doubling, capped, with half of it jittered. */
export function backoffMs(attempt: number, { firstMs, maxMs, random }: BackoffOptions): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30))
  return full / 2 + (full / 2) * random()
}

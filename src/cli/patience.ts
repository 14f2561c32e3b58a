import type { Verdict } from './judge-unit.ts'

/** How a wait for one unit stands. */
export interface Wait {
  readonly startMs: number
  /** Since when the verdict is `quiet`. */
  readonly quietSinceMs: number | undefined
  readonly isTold: boolean
}

export type Step = 'done' | 'failed' | 'timed-out' | 'gave-up' | 'tell' | 'wait'

const attemptMs = 2_000
const tellAfterMs = 2_000
export const giveUpAfterMs = 60_000

/**
 * What to do next. Who asked for a number of attempts waits that long. Otherwise a unit that goes forward is waited for as long as it
 * takes, and one that does not is talked about after two seconds and given up after a minute.
 */
export function nextStep(
  verdict: Verdict,
  wait: Wait,
  { nowMs, blockAttempts }: { nowMs: number; blockAttempts: number },
): Step {
  const waitedMs = nowMs - wait.startMs
  if (verdict.kind === 'failed') return 'failed'
  if (verdict.kind === 'there' || isSettled(wait, nowMs)) return 'done'
  if (blockAttempts > 0 && waitedMs >= blockAttempts * attemptMs) return 'timed-out'
  if (verdict.kind !== 'stuck') return 'wait'
  if (blockAttempts === 0 && waitedMs >= giveUpAfterMs) return 'gave-up'
  return waitedMs >= tellAfterMs && !wait.isTold ? 'tell' : 'wait'
}

function isSettled({ quietSinceMs }: Wait, nowMs: number): boolean {
  return quietSinceMs !== undefined && nowMs - quietSinceMs >= attemptMs
}

/** What the wait becomes with this verdict. */
export function afterVerdict(wait: Wait, verdict: Verdict, nowMs: number): Wait {
  return { ...wait, quietSinceMs: verdict.kind === 'quiet' ? (wait.quietSinceMs ?? nowMs) : undefined }
}

import type { Clock } from '../lib/clock.ts'

/** False when the user ended it meanwhile. */
export function sleepUnlessStopped(clock: Clock, ms: number, stop: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, stop).then(
    () => true,
    () => false,
  )
}

import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'

/** A signal that aborts as `unavailable` after `ms`, or with `ended`, which must come at some time: until then the timer is held. */
export function patience(clock: Clock, ms: number, ended: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const expire = () => controller.abort(new FlotaError('unavailable', `no answer within ${ms} ms`))
  void clock.sleep(ms, ended).then(expire, () => controller.abort(ended.reason))
  return controller.signal
}

import type { WireUnitState, WireWhy } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import { showMachine } from './list.ts'

/** `inactive`: on no machine any more; `loaded`: on a machine; `stopped`: there, and not running; `launched`: running. */
export type Goal = 'inactive' | 'loaded' | 'stopped' | 'launched'

/**
 * `pending`: under way, worth waiting for; `stuck`: nothing is happening that would get it there; `quiet`: it ran and ended, or is about
 * to run: the same for a while means there.
 */
export type Verdict =
  { readonly kind: 'there' | 'pending' | 'stuck' | 'quiet' } | { readonly kind: 'failed'; readonly error: FlotaError }

const runningStates: readonly string[] = ['active', 'activating', 'reloading', 'deactivating', 'refreshing']

/** How far a unit is. Pure. `why` = undefined: the cluster does not know the unit. */
export function judge(goal: Goal, why: WireWhy | undefined, reported: readonly WireUnitState[]): Verdict {
  if (goal === 'inactive') return judgeInactive(why, reported)
  if (why === undefined)
    return { kind: 'failed', error: new FlotaError('not_found', 'the unit was destroyed meanwhile') }
  return goal === 'launched' ? judgeLaunched(why) : judgeLoaded(goal, why)
}

function judgeInactive(why: WireWhy | undefined, reported: readonly WireUnitState[]): Verdict {
  const isOff = why === undefined || (why.places.length === 0 && why.desiredState === 'inactive')
  return { kind: isOff && reported.length === 0 ? 'there' : 'pending' }
}

function judgeLoaded(goal: 'loaded' | 'stopped', why: WireWhy): Verdict {
  if (why.places.length === 0) return { kind: 'stuck' }
  if (why.currentState !== 'loaded') return { kind: 'pending' }
  const isRunning = runningStates.includes(why.places[0]?.state?.active ?? '')
  return { kind: goal === 'stopped' && isRunning ? 'pending' : 'there' }
}

function judgeLaunched(why: WireWhy): Verdict {
  const [place] = why.places
  if (place === undefined) return { kind: 'stuck' }
  const { state } = place
  if (why.currentState !== 'launched' || state === undefined) return { kind: 'pending' }
  if (state.active === 'active') return { kind: 'there' }
  if (state.active === 'failed' || state.load === 'error' || state.load === 'bad-setting') {
    return { kind: 'failed', error: startFailed(why, place, state) }
  }
  // systemd tries again by itself: hope, but not for ever.
  if (state.sub.startsWith('auto-restart')) return { kind: 'stuck' }
  return { kind: runningStates.includes(state.active) ? 'pending' : 'quiet' }
}

type Place = WireWhy['places'][number]

function startFailed({ name }: WireWhy, place: Place, state: NonNullable<Place['state']>): FlotaError {
  const machine = showMachine(place.machineID, place.primaryIP, false)
  const words = `${state.load}/${state.active}/${state.sub}`
  return new FlotaError('failed_precondition', `unit ${name} failed on ${machine} (${words})`, {
    hint: `'flota journal ${name}' and 'flota status ${name}' tell why`,
  })
}

import type { WireWhy } from '../client/calls.ts'
import { showMachine } from './list.ts'

/** What a unit waits for, a line for each machine that may not run it. */
export function explainWaiting(name: string, why: WireWhy | undefined): string {
  const waiting = why?.waiting
  const [place] = why?.places ?? []
  if (waiting === undefined && place !== undefined) {
    const { active = 'unknown', sub = 'unknown' } = place.state ?? {}
    return `Unit ${name} is ${active}/${sub} on ${showMachine(place.machineID, place.primaryIP, false)}\n`
  }
  const reason = waiting?.reason ?? 'no machine has taken it yet'
  const lines = waiting?.rejections.map((one) => `  ${one.machineID.slice(0, 8)}...: ${one.reason}\n`) ?? []
  return `Unit ${name} waits: ${reason}\n${lines.join('')}`
}

/** The whole story, for `why`. */
export function explain(why: WireWhy): string {
  const { name, desiredState, currentState, isGlobal, places, waiting } = why
  const now = isGlobal ? 'a global unit' : (currentState ?? 'inactive')
  const lines = places.map((place) => {
    const { state } = place
    const words = state === undefined ? 'not reported yet' : `${state.load}/${state.active}/${state.sub}`
    const machine = showMachine(place.machineID, place.primaryIP, false)
    return `  ${place.phase} on ${machine} (${words}): ${place.reason}\n`
  })
  const head = `Unit ${name}: wanted ${desiredState}, now ${now}\n`
  if (waiting !== undefined) return head + lines.join('') + explainWaiting(name, { ...why, places: [] })
  if (lines.length > 0) return head + lines.join('')
  const none = desiredState === 'inactive' ? 'nobody asked for it to be on a machine' : 'no machine has taken it yet'
  return `${head}  on no machine: ${none}\n`
}

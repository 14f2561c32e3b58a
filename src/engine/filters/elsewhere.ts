import { isOccupying } from '../../cluster/occupancy.ts'
import { shortId } from '../../machine/machine.ts'
import type { Filter } from './filter.ts'

/** A copy that was let go and still stops on another machine: two of one unit never run where one may wait for the other. */
export const elsewhereFilter: Filter = {
  name: 'elsewhere',
  check: ({ unit, machine }, overlay) => {
    if (overlay.view.globals.has(unit)) return undefined
    const others = [...overlay.view.statesOf(unit)].filter(([id, { value }]) => id !== machine.id && isOccupying(value))
    const stopping = others.map(([id]) => id).filter((id) => !overlay.placesOf(unit).has(id))
    const first = stopping.toSorted()[0]
    return first === undefined ? undefined : `waits until the copy on ${shortId(first)} has stopped`
  },
  explain: (reason) => ({ one: reason, many: reason.replace(/^waits /, 'wait ') }),
}

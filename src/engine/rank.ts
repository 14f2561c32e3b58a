import type { MachineId } from '../machine/machine.ts'
import type { PlanOverlay } from './plan-overlay.ts'

interface Ranked {
  readonly machine: MachineId
  readonly count: number
}

/** Present machines, the one with the fewest units first, the lower id first among equals. Kept sorted while a pass places units. */
export class Ranking {
  readonly #overlay: PlanOverlay
  readonly #sorted: Ranked[]
  /** Machines that are not present, in no order. */
  readonly away: readonly MachineId[]

  constructor(overlay: PlanOverlay) {
    this.#overlay = overlay
    const all = [...overlay.view.machines.values()]
    this.away = all.filter(({ presence }) => presence === undefined).map(({ id }) => id)
    const present = all.filter(({ presence }) => presence !== undefined)
    this.#sorted = present.map(({ id }) => this.#rank(id)).toSorted(compare)
  }

  *machines(): Iterable<MachineId> {
    for (const { machine } of this.#sorted) yield machine
  }

  /** To be called with the count that was right before a machine's units changed. */
  update(machine: MachineId, countBefore: number): void {
    const at = this.#find({ machine, count: countBefore })
    if (this.#sorted[at]?.machine !== machine) return
    this.#sorted.splice(at, 1)
    const ranked = this.#rank(machine)
    this.#sorted.splice(this.#find(ranked), 0, ranked)
  }

  #rank(machine: MachineId): Ranked {
    return { machine, count: this.#overlay.countOf(machine) }
  }

  /** The index of the first that does not come before it. */
  #find(wanted: Ranked): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const ranked = this.#sorted[middle]
      if (ranked !== undefined && compare(ranked, wanted) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const compare = (a: Ranked, b: Ranked): number => a.count - b.count || (a.machine < b.machine ? -1 : 1)

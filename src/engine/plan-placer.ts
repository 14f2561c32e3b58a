import type { Rejection } from '../cluster/records.ts'
import type { MachineView } from '../cluster/view.ts'
import { shortId, type MachineId } from '../machine/machine.ts'
import type { Requirements } from '../unit/requirements.ts'
import type { UnitName } from '../unit/unit.ts'
import { explain } from './explain.ts'
import { placeFilters } from './filters/all-filters.ts'
import { isReplacedBy } from './filters/replaces.ts'
import { inFollowOrder } from './plan-order.ts'
import { replacesInTurn } from './replace-circle.ts'
import type { PlanOverlay, WantedRecord } from './plan-overlay.ts'
import { releaseFollowers } from './plan-review.ts'
import { Ranking } from './rank.ts'

/** More would make a waiting unit's record grow with the cluster; the sentence counts all of them. */
const maxRejectionsKept = 100

/** Gives units a place, one after the other; each sees what was decided before it. */
export class Placer {
  readonly #overlay: PlanOverlay
  #ranking: Ranking | undefined
  /** Units pushed off by another in this pass, and their followers. */
  readonly #replaced = new Set<UnitName>()
  /** For who waits: how many writes it has taken into account. */
  readonly #seen = new Map<UnitName, number>()

  constructor(overlay: PlanOverlay) {
    this.#overlay = overlay
  }

  /** Settles all, until nobody who waits could be helped by what was decided after its turn. */
  settleAll(units: readonly UnitName[], machinesOf: (unit: UnitName) => Iterable<MachineId>): void {
    const { waiting } = this.#overlay
    for (let turn = units, isFirst = true; turn.length > 0; isFirst = false) {
      for (const unit of inFollowOrder(turn, this.#overlay)) {
        // One that was pushed off had its turn then.
        if (isFirst && this.#replaced.has(unit)) continue
        waiting.delete(unit)
        this.settle(unit, machinesOf(unit))
        this.#seen.set(unit, this.#overlay.writes)
      }
      turn = [...waiting.keys()].filter((unit) => this.#seen.get(unit) !== this.#overlay.writes)
    }
  }

  /** `machines`: where a global unit is looked at; it has a place on every machine that may have it. */
  settle(unit: UnitName, machines: Iterable<MachineId>): void {
    const wanted = this.#overlay.wantedOf(unit)
    if (wanted === undefined) return
    const requirements = this.#overlay.requirementsOf(unit)
    if (requirements?.isGlobal === true) this.#settleGlobal({ unit, wanted, requirements, machines })
    else this.#settleOne(unit, wanted, requirements)
  }

  #settleOne(unit: UnitName, wanted: WantedRecord, requirements: Requirements | undefined): void {
    if (this.#overlay.homeOf(unit) === undefined) {
      if (requirements === undefined) this.#wait(unit, [], 'its unit file is not there yet')
      else this.#placeOrWait({ unit, wanted, requirements })
    }
    for (const [machine, record] of [...this.#overlay.placesOf(unit)]) {
      if (!this.#overlay.lost.has(machine) || record.phase === 'leaving') continue
      this.#overlay.put(unit, machine, { ...record, phase: 'leaving', reason: wentAway(machine) })
    }
  }

  #placeOrWait(job: Placement): void {
    const rejections = new Map<MachineId, Rejection>()
    for (const machine of this.#candidates(job.unit)) {
      const rejection = this.#reject(job, machine)
      if (rejection === undefined) {
        this.#place(job, machine.id)
        return
      }
      rejections.set(machine.id, rejection)
    }
    this.#wait(job.unit, [...rejections.values()])
  }

  /** Where an old copy still runs comes first: the unit may be running there. Then by rank; machines that are away last, to say so. */
  *#candidates(unit: UnitName): Iterable<MachineView> {
    const { view } = this.#overlay
    const leaving = [...this.#overlay.placesOf(unit).keys()].toSorted()
    this.#ranking ??= new Ranking(this.#overlay)
    for (const ids of [leaving, this.#ranking.machines(), this.#ranking.away]) {
      for (const id of ids) {
        const machine = view.machines.get(id)
        if (machine !== undefined) yield machine
      }
    }
  }

  #reject({ unit, requirements }: Placement, machine: MachineView): Rejection | undefined {
    for (const { name, check } of placeFilters) {
      const reason = check({ unit, requirements, machine }, this.#overlay)
      if (reason !== undefined) return { machine: machine.id, filter: name, reason }
    }
    const rival = this.#findReplaced(unit, machine.id).find((other) => replacesInTurn(other, unit, this.#overlay))
    return rival && { machine: machine.id, filter: 'replaces', reason: `has ${rival}, which it would replace` }
  }

  #place(job: Placement, machine: MachineId): void {
    const reason = this.#reasonOf(job, machine)
    const { hash, desired, generation } = job.wanted
    const before = this.#overlay.countOf(machine)
    this.#overlay.put(job.unit, machine, { hash, desired, generation, phase: 'placed', reason })
    this.#ranking?.update(machine, before)
    for (const other of this.#findReplaced(job.unit, machine)) this.#pushOff(other, job.unit, machine)
  }

  #pushOff(unit: UnitName, replacer: UnitName, machine: MachineId): void {
    const before = this.#overlay.countOf(machine)
    this.#overlay.release(unit, machine, `replaced by ${replacer}`)
    const here = [...this.#overlay.scheduleOf(machine).keys()].toSorted()
    const gone = [unit, ...releaseFollowers(here, machine, this.#overlay)]
    this.#ranking?.update(machine, before)
    for (const one of gone) this.#replaced.add(one)
    for (const one of gone) this.settle(one, [])
  }

  #findReplaced(unit: UnitName, machine: MachineId): readonly UnitName[] {
    if ((this.#overlay.requirementsOf(unit)?.replaces ?? []).length === 0) return []
    const others = [...this.#overlay.scheduleOf(machine)].filter(([, { phase }]) => phase !== 'leaving')
    return others
      .map(([other]) => other)
      .filter((other) => isReplacedBy(other, unit, this.#overlay))
      .toSorted()
  }

  #settleGlobal(job: Placement & { readonly machines: Iterable<MachineId> }): void {
    const { unit, machines } = job
    for (const id of [...machines].toSorted()) {
      const machine = this.#overlay.view.machines.get(id)
      const phase = this.#overlay.placesOf(unit).get(id)?.phase
      if (machine === undefined || (phase !== undefined && phase !== 'leaving')) continue
      if (this.#reject(job, machine) === undefined) this.#place(job, id)
    }
    if ([...this.#overlay.placesOf(unit).values()].some(({ phase }) => phase !== 'leaving')) return
    const all = [...this.#overlay.view.machines.values()]
    this.#wait(
      unit,
      all.flatMap((machine) => this.#reject(job, machine) ?? []),
    )
  }

  #wait(unit: UnitName, rejections: readonly Rejection[], reason = explain(rejections)): void {
    const sorted = rejections.toSorted((a, b) => (a.machine < b.machine ? -1 : 1))
    this.#overlay.waiting.set(unit, { reason, rejections: sorted.slice(0, maxRejectionsKept) })
  }

  #reasonOf({ unit, requirements }: Placement, machine: MachineId): string {
    if (requirements.isGlobal) return 'global unit'
    const places = [...this.#overlay.placesOf(unit).keys()].toSorted()
    if (places.includes(machine)) return `machine ${shortId(machine)} came back`
    const away = places.find((id) => this.#overlay.lost.has(id))
    if (away !== undefined) return wentAway(away)
    const released = this.#overlay.releasedOf(unit)
    if (released !== undefined) return `moved: ${released}`
    if (requirements.machineOf[0] !== undefined) return `follows ${requirements.machineOf[0]}`
    return requirements.machineId === undefined ? 'fewest units' : 'pinned to this machine'
  }
}

interface Placement {
  readonly unit: UnitName
  readonly wanted: WantedRecord
  readonly requirements: Requirements
}

const wentAway = (machine: MachineId): string => `machine ${shortId(machine)} went away`

import type { ClusterView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { Commit, Compare, Operation, StoreLimits } from '../store/store.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Decision, Plan } from './decision.ts'

/** Proof of leadership inside a commit: the leader key as this leader created it. */
export interface Fence {
  readonly key: string
  readonly createRevision: bigint
}

export interface CommitOptions {
  readonly view: ClusterView
  readonly fence: Fence
  readonly limits: StoreLimits
}

/**
 * A plan as commits within the store's limits, each safe by itself: what frees comes before what takes, and one unit's changes stay
 * together. Each is fenced by what its decisions were made from; a conflict writes nothing, and the next pass plans again.
 */
export function toCommits(plan: Plan, { view, fence, limits }: CommitOptions): readonly Commit[] {
  const groups = inSafeOrder(plan.decisions).map((decisions) => toPart(decisions, view))
  const commits: CommitBuilder[] = []
  for (const part of groups) {
    const last = commits.at(-1)
    if (last?.add(part) === true) continue
    const next = new CommitBuilder(fence, limits)
    next.add(part)
    commits.push(next)
  }
  return commits.map((builder) => builder.build())
}

/** Units that only lose places first, then each other unit with all its decisions. */
function inSafeOrder(decisions: readonly Decision[]): readonly (readonly Decision[])[] {
  const byUnit = new Map<UnitName, Decision[]>()
  for (const decision of decisions) {
    const group = byUnit.get(decision.unit)
    if (group === undefined) byUnit.set(decision.unit, [decision])
    else group.push(decision)
  }
  const groups = [...byUnit.values()]
  const isTaking = (group: readonly Decision[]) => group.some(({ kind }) => kind === 'place')
  return [...groups.filter((group) => !isTaking(group)), ...groups.filter(isTaking)].flatMap(toPieces)
}

/** A global unit has a decision per machine: its pieces are independent of each other. */
function toPieces(group: readonly Decision[]): readonly (readonly Decision[])[] {
  const size = 16
  if (group.length <= size) return [group]
  return Array.from({ length: Math.ceil(group.length / size) }, (_, at) => group.slice(at * size, (at + 1) * size))
}

interface Part {
  readonly compares: readonly Compare[]
  readonly operations: readonly Operation[]
}

function toPart(decisions: readonly Decision[], view: ClusterView): Part {
  const units = new Set(decisions.map(({ unit }) => unit))
  const compares = [...units].map((unit) => {
    return { key: keys.unit(unit), modRevision: view.units.get(unit)?.modRevision ?? 0n }
  })
  const parts = decisions.map((decision) => toWrite(decision, view))
  return {
    compares: [...compares, ...parts.flatMap((part) => part.compares)],
    operations: parts.flatMap((part) => part.operations),
  }
}

function toWrite(decision: Decision, view: ClusterView): Part {
  const { unit } = decision
  switch (decision.kind) {
    case 'wait': {
      const { reason, rejections } = decision
      const value = codecs.waiting.encode({ reason, rejections })
      return toWaitingPart(unit, view, { kind: 'put', key: keys.waiting(unit), value })
    }
    case 'stop-waiting':
      return toWaitingPart(unit, view, { kind: 'delete', key: keys.waiting(unit) })
    case 'release': {
      const key = keys.schedule(decision.machine, unit)
      return { compares: [scheduleCompare(decision.machine, unit, view)], operations: [{ kind: 'delete', key }] }
    }
    case 'place':
    case 'update':
    case 'keep-leaving': {
      const { machine, record } = decision
      const compares = [scheduleCompare(machine, unit, view)]
      if (decision.kind === 'place') compares.push(presenceCompare(machine, view))
      const value = codecs.schedule.encode(record)
      return { compares, operations: [{ kind: 'put', key: keys.schedule(machine, unit), value }] }
    }
  }
}

function toWaitingPart(unit: UnitName, view: ClusterView, operation: Operation): Part {
  const modRevision = view.waiting.get(unit)?.modRevision ?? 0n
  return { compares: [{ key: keys.waiting(unit), modRevision }], operations: [operation] }
}

function scheduleCompare(machine: MachineId, unit: UnitName, view: ClusterView): Compare {
  return { key: keys.schedule(machine, unit), modRevision: view.placesOf(unit).get(machine)?.modRevision ?? 0n }
}

/** Only onto the machine as it is now: one that left and came back has another presence, and may not be ready. */
function presenceCompare(machine: MachineId, view: ClusterView): Compare {
  const createRevision = view.machines.get(machine)?.presence?.createRevision ?? 0n
  return { key: keys.machinePresence(machine), createRevision }
}

class CommitBuilder {
  readonly #limits: StoreLimits
  readonly #compares = new Map<string, Compare>()
  readonly #operations: Operation[] = []
  #bytes = 0

  constructor(fence: Fence, limits: StoreLimits) {
    this.#limits = limits
    this.#compares.set(fence.key, fence)
    this.#bytes = fence.key.length
  }

  /** False when it does not fit any more; the first always does. */
  add({ compares, operations }: Part): boolean {
    const fresh = compares.filter(({ key }) => !this.#compares.has(key))
    const bytes = [...fresh.map(({ key }) => key.length), ...operations.map(sizeOf)].reduce(
      (a, b) => a + b,
      this.#bytes,
    )
    const count = this.#compares.size + fresh.length + this.#operations.length + operations.length
    const isFull = count > this.#limits.maxOperations || bytes > this.#limits.maxBytes
    if (isFull && this.#operations.length > 0) return false
    for (const compare of fresh) this.#compares.set(compare.key, compare)
    this.#operations.push(...operations)
    this.#bytes = bytes
    return true
  }

  build(): Commit {
    return { compares: [...this.#compares.values()], operations: this.#operations }
  }
}

function sizeOf(operation: Operation): number {
  return operation.key.length + (operation.kind === 'put' ? Buffer.byteLength(operation.value) : 0)
}

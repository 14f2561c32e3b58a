import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOccupying } from '../../src/cluster/occupancy.ts'
import { nothingDirty } from '../../src/cluster/dirty.ts'
import type { Decision } from '../../src/engine/decision.ts'
import { plan } from '../../src/engine/plan.ts'
import { matchesGlob } from '../../src/lib/glob.ts'
import type { MachineId } from '../../src/machine/machine.ts'
import { mangleUnitName } from '../../src/unit/unit-name.ts'
import type { UnitName } from '../../src/unit/unit.ts'
import { SampleCluster } from '../fixtures/sample-cluster.ts'

const machineNames = ['a', 'b', 'c', 'd'] as const
const unitNames = ['n@1', 'n@2', 'n@3', 'p', 'q', 'r', 's'] as const

const machineName = fc.constantFrom(...machineNames)
const unitName = fc.constantFrom(...unitNames)
const asks = fc.constantFrom<readonly string[]>(
  [],
  [],
  ['Conflicts=n@*.service'],
  ['Conflicts=*'],
  ['Conflicts=q.service p.service'],
  ['MachineOf=p.service'],
  ['MachineOf=q.service'],
  ['MachineMetadata=disk=ssd'],
  ['MachineMetadata=disk=ssd', 'Conflicts=r.service'],
  ['Global=true'],
  ['Global=true', 'Conflicts=n@1.service'],
  ['MachineID=bbbbbbbb'],
  ['Replaces=r.service'],
  ['Replaces=p.service'],
  ['Replaces=q.service'],
)
const desired = fc.constantFrom('launched' as const, 'launched' as const, 'loaded' as const, 'inactive' as const)

const event = fc.oneof(
  fc.record({ kind: fc.constant('machine' as const), name: machineName, isReady: fc.boolean(), hasDisk: fc.boolean() }),
  fc.record({ kind: fc.constant('lose' as const), name: machineName, isJudged: fc.boolean() }),
  fc.record({ kind: fc.constant('unit' as const), name: unitName, asks, desired, generation: fc.nat(3) }),
  fc.record({ kind: fc.constant('destroy' as const), name: unitName }),
  fc.record({
    kind: fc.constant('report' as const),
    machine: machineName,
    name: unitName,
    active: fc.constantFrom('active', 'failed', 'inactive', undefined),
  }),
  fc.record({ kind: fc.constant('settle' as const) }),
)
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

function happen(cluster: SampleCluster, news: Event): void {
  switch (news.kind) {
    case 'machine':
      cluster.machine(news.name, { isReady: news.isReady, metadata: news.hasDisk ? { disk: 'ssd' } : {} })
      return
    case 'lose':
      cluster.lose(news.name, news.isJudged)
      return
    case 'unit':
      cluster.unit(news.name, news)
      return
    case 'destroy':
      cluster.destroy(news.name)
      return
    case 'report': {
      // An agent reports what it was given, and what it has not got rid of yet.
      const machine = news.machine.repeat(32) as MachineId
      const unit = mangleUnitName(news.name)
      const isGiven = cluster.view.scheduleOf(machine).has(unit) || cluster.view.reportedOn(machine).has(unit)
      const isThere = cluster.view.machines.get(machine)?.presence !== undefined
      if (isThere && isGiven) cluster.report(news.machine, news.name, news.active)
      return
    }
    case 'settle':
      cluster.reportAll()
  }
}

/** Batches of news with a carried-out plan after each. */
const story = fc.array(fc.array(event, { minLength: 1, maxLength: 5 }), { maxLength: 8 })
const runs = { numRuns: 400 }

function play(batches: readonly (readonly Event[])[], look: (cluster: SampleCluster) => void): void {
  const cluster = new SampleCluster()
  for (const batch of batches) {
    for (const news of batch) happen(cluster, news)
    look(cluster)
    cluster.step()
  }
}

const placesOf = (cluster: SampleCluster): readonly string[] =>
  [...cluster.view.machines.keys()]
    .flatMap((machine) => [...cluster.view.scheduleOf(machine).keys()].map((unit) => `${machine}/${unit}`))
    .toSorted()

describe('a plan', () => {
  it('is the same from what changed as from everything', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => expect(cluster.plan(cluster.dirty)).toEqual(cluster.plan('everything')))
      }),
      { numRuns: 1_500 },
    )
  })

  it('once carried out leaves nothing to plan', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => {
          cluster.step()
          expect(cluster.plan('everything')).toEqual([])
        })
      }),
      runs,
    )
  })

  it('does not depend on the order in which the cluster was read', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => {
          const shuffled = reverseMaps(cluster)
          expect(plan(shuffled, 'everything', { lost: cluster.lost }).decisions).toEqual(cluster.plan('everything'))
        })
      }),
      runs,
    )
  })

  it('puts no unit beside one that either side excludes', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => {
          for (const decision of cluster.plan()) {
            if (decision.kind !== 'place') continue
            const { machine, unit } = decision
            const after = [...cluster.view.reportedOn(machine)].filter(([, { value }]) => isOccupying(value))
            for (const [other, { value }] of after) {
              const mine = cluster.view.requirementsOf(unit, decision.record.hash)?.conflicts ?? []
              const theirs = cluster.view.requirementsOf(other, value.hash)?.conflicts ?? []
              if (other === unit) continue
              expect(mine.some((glob) => matchesGlob(glob, other))).toBe(false)
              expect(theirs.some((glob) => matchesGlob(glob, unit))).toBe(false)
            }
          }
          cluster.step()
          expectNoConflictAmongPlaced(cluster)
        })
      }),
      runs,
    )
  })

  it('places nothing on a machine that is away or not ready', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => {
          for (const decision of cluster.plan()) {
            if (decision.kind !== 'place') continue
            expect(cluster.view.machines.get(decision.machine)?.presence?.value.isReady).toBe(true)
          }
        })
      }),
      runs,
    )
  })

  it('moves only the units of the machine that was lost', () => {
    fc.assert(
      fc.property(story, machineName, (batches, name) => {
        const cluster = new SampleCluster()
        for (const news of batches.flat()) happen(cluster, news)
        cluster.step()
        const affected = new Set(cluster.view.scheduleOf(name.repeat(32) as MachineId).keys())
        const waiting = new Set(cluster.view.waiting.keys())
        cluster.lose(name)
        const follows = (unit: UnitName) =>
          (cluster.view.requirementsOf(unit, cluster.view.units.get(unit)!.value.hash)?.machineOf ?? []).length > 0
        const isPushedOff = ({ unit }: Decision) =>
          ['p.service', 'q.service', 'r.service'].includes(unit) || follows(unit)
        for (const decision of cluster.plan()) {
          // A state that went with the machine can make room for a unit that waited, or end a move.
          if (
            decision.kind === 'wait' ||
            isPushedOff(decision) ||
            waiting.has(decision.unit) ||
            affected.has(decision.unit)
          )
            continue
          expect(decision).toBeUndefined()
        }
      }),
      runs,
    )
  })

  it('gives every wanted unit a place or a reason, and everything has a reason', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => {
          for (const decision of cluster.plan()) {
            expect('record' in decision ? decision.record.reason : decision.reason).not.toBe('')
            if (decision.kind === 'wait') {
              for (const rejection of decision.rejections) expect(rejection.reason).not.toBe('')
            }
          }
          cluster.step()
          for (const [unit, { value }] of cluster.view.units) {
            const isPlaced = [...cluster.view.placesOf(unit).values()].some((place) => place.value.phase === 'placed')
            expect(isPlaced || cluster.view.waiting.has(unit)).toBe(value.desired !== 'inactive')
          }
        })
      }),
      runs,
    )
  })

  it('does not touch the view', () => {
    fc.assert(
      fc.property(story, (batches) => {
        play(batches, (cluster) => {
          const before = placesOf(cluster)
          cluster.plan('everything')
          expect(placesOf(cluster)).toEqual(before)
          expect(cluster.plan(nothingDirty)).toEqual([])
        })
      }),
      { numRuns: 50 },
    )
  })
})

function expectNoConflictAmongPlaced({ view }: SampleCluster): void {
  for (const machine of view.machines.keys()) {
    const placed = [...view.scheduleOf(machine)].filter(([, { value }]) => value.phase === 'placed')
    for (const [unit, { value }] of placed) {
      const { conflicts = [] } = view.requirementsOf(unit, value.hash) ?? {}
      const others = placed.map(([other]) => other).filter((other) => other !== unit)
      expect(others.filter((other) => conflicts.some((glob) => matchesGlob(glob, other)))).toEqual([])
    }
  }
}

/** The same cluster with every map in the opposite order. */
function reverseMaps({ view }: SampleCluster): typeof view {
  const reversed = <K, V>(map: ReadonlyMap<K, V>) => new Map([...map].toReversed())
  return Object.create(view, {
    units: { value: reversed(view.units) },
    machines: { value: reversed(view.machines) },
    waiting: { value: reversed(view.waiting) },
    globals: { value: new Set([...view.globals].toReversed()) },
    placesOf: { value: (unit: never) => reversed(view.placesOf(unit)) },
    scheduleOf: { value: (machine: never) => reversed(view.scheduleOf(machine)) },
    statesOf: { value: (unit: never) => reversed(view.statesOf(unit)) },
    reportedOn: { value: (machine: never) => reversed(view.reportedOn(machine)) },
    files: { value: view.files },
    optionsOf: { value: (hash: never) => view.optionsOf(hash) },
    requirementsOf: { value: (unit: never, hash: never) => view.requirementsOf(unit, hash) },
  }) as typeof view
}

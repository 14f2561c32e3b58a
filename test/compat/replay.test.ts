import { expect, it } from 'vitest'
import type { Difference } from './differences.ts'
import { apiDifferences, fleetctlDifferences, placeOf, stepsOf, stepsOfKind } from './differences.ts'
import type { Outcome, Replay } from './outcome.ts'
import { openApiReplay } from './replay-api.ts'
import { openFleetctlReplay } from './replay-fleetctl.ts'
import { readApiRecording, readFleetctlRecording } from './recordings.ts'

const withinMs = 60_000

async function playAll(replay: Replay, differences: readonly Difference[]): Promise<readonly Outcome[]> {
  const apart = new Set(differences.filter(({ kind }) => kind === 'apart').flatMap(({ steps }) => Object.keys(steps)))
  const outcomes: Outcome[] = []
  for (const group of replay.groups) if (!apart.has(group)) outcomes.push(...(await replay.run(group)))
  await replay.close()
  return outcomes
}

const isOtherwise = ({ recorded, replayed }: Outcome): boolean => recorded !== replayed

/** What differs is just what is listed. */
function expectDifferences(outcomes: readonly Outcome[], differences: readonly Difference[]): void {
  const listed = stepsOfKind(differences, undefined, 'strict')
  const races = stepsOfKind(differences, 'race')
  const isListed = ({ step }: Outcome) => listed.has(placeOf(step))
  const surprises = outcomes.filter((one) => isOtherwise(one) && !isListed(one) && !races.has(placeOf(one.step)))
  expect(surprises, 'differs and is not listed').toEqual([])
  const settledSteps = outcomes.filter((one) => !isOtherwise(one) && isListed(one)).map(({ step }) => step)
  expect(settledSteps, 'listed and differs no longer').toEqual([])
}

const isExpected = (differences: readonly Difference[]) => {
  const steps = stepsOfKind(differences, undefined, 'strict', 'race')
  return (step: string) => steps.has(placeOf(step))
}

it(
  'every recorded request to the API is answered as it was, or otherwise for a reason that is listed',
  async () => {
    const outcomes = await playAll(await openApiReplay(isExpected(apiDifferences)), apiDifferences)
    expectDifferences(outcomes, apiDifferences)
  },
  withinMs,
)

it(
  'every recorded command of fleetctl prints and exits as it did, or otherwise for a reason that is listed',
  async () => {
    const outcomes = await playAll(openFleetctlReplay(isExpected(fleetctlDifferences)), fleetctlDifferences)
    expectDifferences(outcomes, fleetctlDifferences)
  },
  withinMs,
)

it(
  'FLOTA_STRICT_COMPAT=1 brings the exit codes of fleetctl back',
  async () => {
    const strict = stepsOfKind(fleetctlDifferences, 'strict')
    const groups = new Set([...strict].map((place) => place.slice(0, place.lastIndexOf(' '))))
    const replay = openFleetctlReplay(isExpected(fleetctlDifferences), { FLOTA_STRICT_COMPAT: '1' })
    const outcomes = await playAll({ ...replay, groups: [...groups] }, fleetctlDifferences)
    expect(outcomes.filter((one) => strict.has(placeOf(one.step)) && isOtherwise(one))).toEqual([])
  },
  withinMs,
)

it('every listed difference names a recorded step, and none is listed twice', () => {
  for (const [differences, { groups }] of [
    [apiDifferences, readApiRecording()],
    [fleetctlDifferences, readFleetctlRecording()],
  ] as const) {
    const known = new Set([...groups].flatMap(([group, steps]) => steps.map((_, at) => `${group} ${at + 1}`)))
    const listed = differences.flatMap(stepsOf)
    expect(listed.filter((step) => !known.has(step))).toEqual([])
    expect(listed.filter((step, at) => listed.indexOf(step) !== at)).toEqual([])
  }
})

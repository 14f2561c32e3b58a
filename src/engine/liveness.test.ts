import { describe, expect, it } from 'vitest'
import { machineId, SampleCluster } from '../../test/fixtures/sample-cluster.ts'
import { initialLiveness, judgeLiveness, observeLiveness, type LivenessState } from './liveness.ts'

const a = machineId('a')

interface Look {
  readonly atMs: number
  readonly isAway: boolean
  readonly hadGap?: boolean
}

function observe(looks: readonly Look[], start: LivenessState = initialLiveness): LivenessState {
  let state = start
  for (const { atMs, isAway, hadGap = false } of looks) {
    const cluster = new SampleCluster().machine('a').machine('b')
    if (isAway) cluster.lose('a')
    state = observeLiveness(state, { view: cluster.view, nowMs: atMs, gapAtMs: hadGap ? atMs : undefined })
  }
  return state
}

describe('judgeLiveness', () => {
  it('waits after a gap for as long as the machine said its lease is', () => {
    const cluster = new SampleCluster().machine('a', { leaseSeconds: 30 }).machine('b').lose('a').lose('b')
    const state = observeLiveness(initialLiveness, { view: cluster.view, nowMs: 0, gapAtMs: 0 })
    expect(judgeLiveness(state, 8_000)).toEqual({ lost: new Set([machineId('b')]), nextAtMs: 30_000 })
    expect(judgeLiveness(state, 30_000).lost.size).toBe(2)
  })

  it.each([
    { title: 'nobody who is there', looks: [{ atMs: 0, isAway: false }], nowMs: 9_000, lost: [], nextAtMs: undefined },
    { title: 'nobody within the grace', looks: [{ atMs: 100, isAway: true }], nowMs: 599, lost: [], nextAtMs: 600 },
    {
      title: 'who is away for the grace',
      looks: [{ atMs: 100, isAway: true }],
      nowMs: 600,
      lost: [a],
      nextAtMs: undefined,
    },
    {
      title: 'since the first look that missed it',
      looks: [
        { atMs: 100, isAway: true },
        { atMs: 500, isAway: true },
      ],
      nowMs: 600,
      lost: [a],
      nextAtMs: undefined,
    },
    {
      title: 'anew when it was back in between',
      looks: [
        { atMs: 100, isAway: true },
        { atMs: 200, isAway: false },
        { atMs: 300, isAway: true },
      ],
      nowMs: 700,
      lost: [],
      nextAtMs: 800,
    },
    {
      title: 'nobody for a whole lease after a gap',
      looks: [
        { atMs: 0, isAway: false, hadGap: true },
        { atMs: 100, isAway: true },
      ],
      nowMs: 7_999,
      lost: [],
      nextAtMs: 8_000,
    },
    {
      title: 'by the gap that comes while it is in doubt',
      looks: [
        { atMs: 0, isAway: true },
        { atMs: 400, isAway: true, hadGap: true },
      ],
      nowMs: 8_000,
      lost: [],
      nextAtMs: 8_400,
    },
    {
      title: 'who was judged before the gap still',
      looks: [
        { atMs: 0, isAway: true },
        { atMs: 5_000, isAway: true, hadGap: true },
      ],
      nowMs: 5_000,
      lost: [a],
      nextAtMs: undefined,
    },
    {
      title: 'after the grace again when the gap is long over',
      looks: [
        { atMs: 0, isAway: false, hadGap: true },
        { atMs: 20_000, isAway: true },
      ],
      nowMs: 20_500,
      lost: [a],
      nextAtMs: undefined,
    },
  ])('finds lost: $title', ({ looks, nowMs, lost, nextAtMs }) => {
    expect(judgeLiveness(observe(looks), nowMs)).toEqual({ lost: new Set(lost), nextAtMs })
  })
})

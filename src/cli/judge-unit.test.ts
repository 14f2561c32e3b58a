import { describe, expect, it } from 'vitest'
import type { WireWhy } from '../client/calls.ts'
import { judge } from './judge-unit.ts'
import { afterVerdict, nextStep } from './patience.ts'

const why = (more: Partial<WireWhy> = {}): WireWhy => ({
  name: 'a.service',
  desiredState: 'launched',
  currentState: 'launched',
  generation: 1,
  isGlobal: false,
  places: [],
  ...more,
})
const on = (active?: string, sub = 'x', load = 'loaded'): WireWhy['places'] => [
  {
    machineID: 'm',
    primaryIP: '',
    phase: 'placed',
    reason: '',
    ...(active === undefined ? {} : { state: { load, active, sub } }),
  },
]
const reported = [{ name: 'a.service', machineID: 'm' }]

describe('a unit that is to be launched', () => {
  it.each([
    ['on no machine is stuck', why(), 'stuck'],
    ['placed and not reported is under way', why({ places: on(), currentState: 'inactive' }), 'pending'],
    ['active from the start before is under way', why({ places: on('active'), currentState: 'loaded' }), 'pending'],
    ['active is there', why({ places: on('active') }), 'there'],
    ['activating is under way', why({ places: on('activating', 'start-pre') }), 'pending'],
    ['restarted by systemd again and again is stuck', why({ places: on('activating', 'auto-restart') }), 'stuck'],
    ['failed has failed', why({ places: on('failed') }), 'failed'],
    [
      'with a file that systemd cannot use has failed',
      why({ places: on('inactive', 'dead', 'bad-setting') }),
      'failed',
    ],
    ['that ran and ended is quiet', why({ places: on('inactive', 'dead') }), 'quiet'],
    ['destroyed meanwhile has failed', undefined, 'failed'],
  ])('%s', (_, state, kind) => {
    expect(judge('launched', state, []).kind).toBe(kind)
  })
})

describe('a unit that is to be less', () => {
  const loaded = { desiredState: 'loaded', currentState: 'loaded' } as const
  it.each([
    ['stopped: still running', 'stopped', why({ ...loaded, places: on('deactivating') }), [], 'pending'],
    ['stopped: dead', 'stopped', why({ ...loaded, places: on('inactive') }), [], 'there'],
    ['stopped: failed is stopped', 'stopped', why({ ...loaded, places: on('failed') }), [], 'there'],
    ['loaded: started by another unit', 'loaded', why({ ...loaded, places: on('active') }), [], 'there'],
    ['loaded: on no machine', 'loaded', why({ ...loaded }), [], 'stuck'],
    [
      'inactive: still placed',
      'inactive',
      why({ desiredState: 'inactive', places: on('active') }),
      reported,
      'pending',
    ],
    ['inactive: still reported', 'inactive', why({ desiredState: 'inactive' }), reported, 'pending'],
    ['inactive: nobody has it', 'inactive', why({ desiredState: 'inactive' }), [], 'there'],
    ['destroyed: still reported', 'inactive', undefined, reported, 'pending'],
    ['destroyed: gone', 'inactive', undefined, [], 'there'],
  ] as const)('%s', (...[, goal, state, states, kind]) => {
    expect(judge(goal, state, states).kind).toBe(kind)
  })
})

describe('patience', () => {
  const start = { startMs: 0, quietSinceMs: undefined, isTold: false }
  it.each([
    ['pending', 1_000_000, 0, 'wait'],
    ['pending', 1_999, 1, 'wait'],
    ['pending', 2_000, 1, 'timed-out'],
    ['stuck', 1_999, 0, 'wait'],
    ['stuck', 2_000, 0, 'tell'],
    ['stuck', 60_000, 0, 'gave-up'],
    ['stuck', 60_000, 50, 'tell'],
    ['there', 0, 0, 'done'],
    ['quiet', 100, 0, 'wait'],
  ] as const)('%s for %i ms with %i attempts: %s', (...[kind, nowMs, blockAttempts, step]) => {
    expect(nextStep({ kind }, start, { nowMs, blockAttempts })).toBe(step)
  })

  it('quiet for two seconds on end is done, and a change in between starts anew', () => {
    const at = { blockAttempts: 0 }
    let wait = afterVerdict(start, { kind: 'quiet' }, 1_000)
    expect(nextStep({ kind: 'quiet' }, wait, { nowMs: 2_999, ...at })).toBe('wait')
    expect(nextStep({ kind: 'quiet' }, wait, { nowMs: 3_000, ...at })).toBe('done')
    wait = afterVerdict(wait, { kind: 'pending' }, 2_000)
    wait = afterVerdict(wait, { kind: 'quiet' }, 2_500)
    expect(nextStep({ kind: 'quiet' }, wait, { nowMs: 3_000, ...at })).toBe('wait')
  })

  it('what was told is not told again', () => {
    expect(nextStep({ kind: 'stuck' }, { ...start, isTold: true }, { nowMs: 5_000, blockAttempts: 0 })).toBe('wait')
  })
})

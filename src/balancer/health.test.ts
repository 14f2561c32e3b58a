import { describe, expect, test } from 'vitest'
import type { Health } from './health.ts'
import { assumedHealth, nextHealth, probeDelayMs, unknownHealth } from './health.ts'

describe('nextHealth', () => {
  test.each<[string, Health, readonly boolean[], boolean]>([
    ['a new endpoint enters with its first answer', unknownHealth, [true], true],
    ['a new endpoint without an answer stays out', unknownHealth, [false, false], false],
    ['one failure is forgiven', assumedHealth, [false], true],
    ['two failures in a row are not', assumedHealth, [false, false], false],
    ['an answer in between starts the count again', assumedHealth, [false, true, false], true],
    ['it comes back with one answer', assumedHealth, [false, false, true], true],
  ])('%s', (...[, start, answers, expected]) => {
    expect(answers.reduce(nextHealth, start).isHealthy).toBe(expected)
  })
})

test.each<[string, Health, number, number]>([
  ['a healthy endpoint once a second', assumedHealth, 0, 1_000],
  ['a doubtful one at once', { isHealthy: true, doubts: 1 }, 999_999, 100],
  ['a new one soon', unknownHealth, 0, 100],
  ['one that has been away for a minute once a second', unknownHealth, 60_000, 1_000],
])('%s is probed', (...[, health, sinceMs, expected]) => {
  expect(probeDelayMs(health, sinceMs)).toBe(expected)
})

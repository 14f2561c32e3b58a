import { expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

const options = { firstMs: 100, maxMs: 5_000, random: () => 1 }

it.each([
  ['first try', 0, 100],
  ['doubles', 3, 800],
  ['is capped', 20, 5_000],
  ['does not overflow', 100_000, 5_000],
])('backoffMs %s', (_title, attempt, expected) => {
  expect(backoffMs(attempt, options)).toBe(expected)
})

it('backoffMs jitters the upper half only', () => {
  expect(backoffMs(0, { ...options, random: () => 0 })).toBe(50)
})

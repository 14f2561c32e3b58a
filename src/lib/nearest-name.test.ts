import { expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

it.each([
  ['finds what was meant', 'agent_tll', 'agent_ttl'],
  ['takes an exact word', 'metadata', 'metadata'],
  ['guesses nothing when nothing is near', 'colour', undefined],
])('nearestName %s', (_title, word, expected) => {
  expect(nearestName(word, ['token_limit', 'agent_ttl', 'metadata'])).toBe(expected)
})

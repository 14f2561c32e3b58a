import { expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

it('nearestName finds what was meant', () => {
  expect(nearestName('agent_tll', ['token_limit', 'agent_ttl', 'metadata'])).toBe('agent_ttl')
})

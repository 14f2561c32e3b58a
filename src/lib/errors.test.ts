import { describe, expect, it } from 'vitest'
import { describeError, FlotaError, hasCode } from './errors.ts'

describe('hasCode', () => {
  it('finds a code behind other errors', () => {
    const cause = new FlotaError('unavailable', 'Cannot reach etcd: connection refused')
    expect(hasCode(new Error('pass failed', { cause }), 'unavailable')).toBe(true)
  })

  it('is false for another code and for things that are no errors', () => {
    expect(hasCode(new FlotaError('conflict', 'lost'), 'unavailable')).toBe(false)
    expect(hasCode('unavailable', 'unavailable')).toBe(false)
  })
})

describe('describeError', () => {
  it('adds the cause where it says something new', () => {
    const cause = new Error('connection refused')
    expect(describeError(new FlotaError('unavailable', "Cannot read units from 'a'", { cause }))).toBe(
      "Cannot read units from 'a': connection refused",
    )
  })

  it('does not say the same thing twice', () => {
    const cause = new Error('connection refused')
    expect(describeError(new Error('Cannot dial: connection refused', { cause }))).toBe(
      'Cannot dial: connection refused',
    )
  })
})

import { expect, it } from 'vitest'
import { parseMachineId, shortId } from './machine.ts'

it('takes 32 lower-case hex digits, with the line end of the file', () => {
  const id = parseMachineId(`${'0123456789abcdef'.repeat(2)}\n`)
  expect(id).toBe('0123456789abcdef'.repeat(2))
  expect(shortId(id)).toBe('01234567')
})

it.each(['', 'uninitialized', 'A1'.repeat(16), 'a1'.repeat(15)])('refuses %j', (text) => {
  expect(() => parseMachineId(text)).toThrow('32 lower-case hex digits are expected')
})

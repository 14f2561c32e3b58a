import { expect, it } from 'vitest'
import { encodeJson } from './encode-json.ts'

it('encodeJson escapes what Go escapes, and reads back as it was', () => {
  const value = { text: '<a & b>\u2028\u2029 ü"\n' }
  expect(encodeJson(value)).toBe('{"text":"\\u003ca \\u0026 b\\u003e\\u2028\\u2029 ü\\"\\n"}')
  expect(JSON.parse(encodeJson(value))).toEqual(value)
})

import { expect, it } from 'vitest'
import { describeError } from '../lib/errors.ts'
import { decodeFirstValue } from './go-json.ts'

const refusals: readonly (readonly [string, string])[] = [
  ['', 'EOF'],
  [' \n', 'EOF'],
  ['{', 'unexpected EOF'],
  ['"a', 'unexpected EOF'],
  ['[1,', 'unexpected EOF'],
  ['-', 'unexpected EOF'],
  ['tru', 'unexpected EOF'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['ÿ', "invalid character 'Ã' looking for beginning of value"],
  ["'", "invalid character '\\'' looking for beginning of value"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['tree', "invalid character 'e' in literal true (expecting 'u')"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1ex', "invalid character 'x' in exponent of numeric literal"],
]

it.each(refusals)('decodeFirstValue refuses %j with Go’s words', (text, message) => {
  const refuse = () => {
    try {
      return decodeFirstValue(text)
    } catch (error) {
      return describeError(error)
    }
  }
  expect(refuse()).toBe(message)
})

it.each([
  ['{} x', {}],
  [' {"a":[1,-0.5e+3,"\\u00e9\\n",true,false,null,{}]}', { a: [1, -500, 'é\n', true, false, null, {}] }],
  ['01', 0],
  ['[]', []],
  ['"ü☃"', 'ü☃'],
])('decodeFirstValue of %j is the first value', (text, value) => {
  expect(decodeFirstValue(text)).toEqual(value)
})

it('decodeFirstValue takes what is nested deep', () => {
  expect(() => decodeFirstValue('['.repeat(100_000))).toThrow('unexpected EOF')
})

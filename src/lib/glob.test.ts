import { describe, expect, it } from 'vitest'
import { compileGlob, hasGlob, matchesGlob } from './glob.ts'

describe('matchesGlob', () => {
  it.each([
    ['abc', 'abc', true],
    ['', '', true],
    ['', 'a', false],
    ['*', 'abc', true],
    ['*', '', true],
    ['*', 'a/b', false],
    ['*/*', 'a/b', true],
    ['*c', 'abc', true],
    ['a*', 'ab/c', false],
    ['a*/b', 'a/c/b', false],
    ['a*b*c*d*e*', 'axbxcxdxe', true],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['nano@*.service', 'nano@1.service', true],
    ['nano@*.service', 'nano@.service', true],
    ['nano@*.service', 'mynano@1.service', false],
    ['nano@?.service', 'nano@12.service', false],
    ['a?b', 'a/b', false],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[e-g]', 'abc', false],
    ['ab[^c]', 'abc', false],
    ['ab[^b-d]', 'abc', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['[\\]a]', ']', true],
    ['[\\-x]', 'x', true],
    ['[x\\-]', '-', true],
  ])('%s on %s is %s', (pattern, name, expected) => {
    expect(matchesGlob(pattern, name)).toBe(expected)
  })

  it.each([
    ['[]a]', ']'],
    ['[-]', '-'],
    ['[x-]', 'x'],
    ['[-x]', 'x'],
    ['[a-b-c]', 'a'],
    ['[', 'a'],
    ['[^', 'a'],
    ['[^bc', 'a'],
    ['a[', 'a['],
    ['a\\', 'a\\'],
    ['*[', 'anything'],
  ])('a malformed pattern %s matches nothing', (pattern, name) => {
    expect(matchesGlob(pattern, name)).toBe(false)
  })

  it('does not get lost in many stars', () => {
    const matches = compileGlob(`${'a*'.repeat(60)}b`)
    expect(matches('a'.repeat(5_000))).toBe(false)
  })
})

describe('hasGlob', () => {
  it('tells a pattern from a name', () => {
    expect(['a*', 'a?', '[a]', 'a\\b', 'a@1.service'].map(hasGlob)).toEqual([true, true, true, false, false])
  })
})

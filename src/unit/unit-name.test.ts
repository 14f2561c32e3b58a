import { describe, expect, it } from 'vitest'
import { isInstance, isTemplate, mangleUnitName, parseUnitName, toUnitNameParts, unitTypes } from './unit-name.ts'

describe('parseUnitName', () => {
  it.each(['hello.service', 'nano-container@1.service', 'a@.timer', 'x:y_z\\x2d.mount', '.service'])(
    'takes %s',
    (name) => {
      expect(parseUnitName(name)).toBe(name)
    },
  )

  it.each([
    ['', 'unit name cannot be empty'],
    [`${'a'.repeat(249)}.service`, 'unit name exceeds maximum length (256)'],
    ['hello', 'unit name must contain "."'],
    ['hello.', 'unit name cannot end in "."'],
    ['hello.foo', 'invalid unit type: "foo"'],
    ['a@1.mount', 'invalid unit type for template: "mount"'],
    ['a b.service', "invalid character ' ' in unit name"],
    ['a/b.service', "invalid character '/' in unit name"],
    ['é.service', "invalid character 'é' in unit name"],
    ['@1.service', 'unit name cannot start in "@"'],
  ])("refuses '%s': %s", (name, message) => {
    expect(() => parseUnitName(name)).toThrow(expect.objectContaining({ message }))
  })
})

describe('toUnitNameParts', () => {
  it.each([
    { unit: 'a.b.service', name: 'a.b', prefix: 'a.b', instance: undefined, template: undefined },
    { unit: 'a@.service', name: 'a@', prefix: 'a', instance: '', template: 'a@.service' },
    { unit: 'a@1.service', name: 'a@1', prefix: 'a', instance: '1', template: 'a@.service' },
    { unit: 'a@b@c.1.service', name: 'a@b@c.1', prefix: 'a', instance: 'b@c.1', template: 'a@.service' },
  ])('takes $unit apart', ({ unit, ...parts }) => {
    expect(toUnitNameParts(parseUnitName(unit))).toEqual({ suffix: '.service', ...parts })
  })

  it('tells templates, instances and plain units apart', () => {
    const names = ['a@.service', 'a@1.service', 'a.service'].map(parseUnitName)
    expect(names.map(isTemplate)).toEqual([true, false, false])
    expect(names.map(isInstance)).toEqual([false, true, false])
  })
})

describe('mangleUnitName', () => {
  it.each<readonly [string, string]>([
    ['foo', 'foo.service'],
    ['a/b@1', 'b@1.service'],
    ['./x/hello.service', 'hello.service'],
    ['foo.bar', 'foo.bar.service'],
    ['service', 'service.service'],
    ...unitTypes.map((type) => [`foo.${type}`, `foo.${type}`] as const),
  ])('makes %s the name %s', (text, name) => {
    expect(mangleUnitName(text)).toBe(name)
  })

  it('refuses what cannot become a name', () => {
    expect(() => mangleUnitName('')).toThrow('unit name cannot be empty')
    expect(() => mangleUnitName('a b')).toThrow("invalid character ' ' in unit name")
  })
})

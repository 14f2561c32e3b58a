import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlotaError } from '../../src/lib/errors.ts'
import { compileGlob } from '../../src/lib/glob.ts'
import { parseRequirements } from '../../src/unit/requirements.ts'
import { parseUnitFile, serialiseUnitFile, toUnitText } from '../../src/unit/unit-file.ts'
import { parseUnitName } from '../../src/unit/unit-name.ts'

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)
const line = fc.stringMatching(/^[!-Z^-~]([ -Z^-~]{0,12}[!-Z^-~])?$/)
const value = fc.oneof(
  fc.constant(''),
  line,
  fc.tuple(line, line).map(([first, second]) => `${first} \\\n  ${second}`),
)
const options = fc
  .uniqueArray(word, { maxLength: 4 })
  .chain((sections) =>
    fc.tuple(
      ...sections.map((section) =>
        fc.array(fc.record({ section: fc.constant(section), name: word, value }), { minLength: 1, maxLength: 4 }),
      ),
    ),
  )
  .map((groups) => groups.flat())

/** Text made of the pieces that matter to the parser. */
const roughText = fc
  .array(
    fc.oneof(
      fc.constantFrom('[', ']', '=', '\\', '\n', '\r\n', '#', ';', ' ', '[X]\n', 'A=b\n', '\\\n', '"'),
      fc.string(),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''))

function orError<T>(read: () => T): T | FlotaError {
  try {
    return read()
  } catch (error) {
    if (error instanceof FlotaError) return error
    throw error
  }
}

describe('a unit file', () => {
  it('says the same after writing and reading', () => {
    fc.assert(
      fc.property(options, (given) => {
        expect(parseUnitFile(serialiseUnitFile(given))).toEqual(given)
      }),
    )
  })

  it('is options or an error, whatever the text, and its canonical text stays as it is', () => {
    fc.assert(
      fc.property(roughText, (text) => {
        const read = orError(() => parseUnitFile(text))
        if (read instanceof FlotaError) return
        const canonical = serialiseUnitFile(read)
        expect(serialiseUnitFile(parseUnitFile(canonical))).toBe(canonical)
      }),
      { numRuns: 2_000 },
    )
  })

  it('made of an API client’s options is canonical, or is refused', () => {
    const anyOption = fc.record({ section: fc.string(), name: fc.string(), value: roughText })
    fc.assert(
      fc.property(fc.array(anyOption, { maxLength: 3 }), (given) => {
        const text = orError(() => toUnitText(given))
        if (text instanceof FlotaError) return
        expect(serialiseUnitFile(parseUnitFile(text))).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives requirements or an error, whatever [X-Fleet] holds', () => {
    const keys = fc.constantFrom(
      'MachineID',
      'MachineOf',
      'MachineMetadata',
      'Conflicts',
      'Replaces',
      'Global',
      'Other',
    )
    const given = fc.array(fc.record({ section: fc.constant('X-Fleet'), name: keys, value: roughText }))
    fc.assert(fc.property(given, (lines) => void orError(() => parseRequirements(parseUnitName('a@1.service'), lines))))
  })
})

describe('names and globs', () => {
  it('a name is taken or refused, never anything else', () => {
    fc.assert(fc.property(fc.string(), (text) => void orError(() => parseUnitName(text))))
  })

  it('a pattern made of escaped characters matches just its text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, other) => {
        const matches = compileGlob(Array.from(text, (char) => `\\${char}`).join(''))
        expect(matches(text)).toBe(true)
        expect(matches(other)).toBe(other === text)
      }),
    )
  })

  it('any pattern against any name gives an answer', () => {
    const pattern = fc.array(fc.constantFrom('*', '?', '[', ']', '^', '-', '\\', 'a', 'b', '/')).map((p) => p.join(''))
    fc.assert(fc.property(pattern, fc.string(), (glob, name) => void compileGlob(glob)(name)))
  })
})

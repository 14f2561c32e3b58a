import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { flattenEtcd2 } from '../../src/import/etcd2-tree.ts'
import { readFleetKeyspace } from '../../src/import/fleet-keyspace.ts'
import { planImport } from '../../src/import/plan.ts'
import { FlotaError } from '../../src/lib/errors.ts'
import { compileGlob } from '../../src/lib/glob.ts'
import { findUnknownRequirements, parseRequirements } from '../../src/unit/requirements.ts'
import { parseUnitFile, serialiseUnitFile, toUnitText } from '../../src/unit/unit-file.ts'
import { mangleUnitName, parseUnitName } from '../../src/unit/unit-name.ts'
import type { UnitOption } from '../../src/unit/unit.ts'

/** A minute in all for the proof; a moment each otherwise. A failure prints fast-check's seed, which repeats it. */
const isProof = process.env['FLOTA_PROOF'] !== undefined
const limitMs = isProof ? 20_000 : 500
const runs = {
  interruptAfterTimeLimit: limitMs,
  numRuns: isProof ? 10_000_000 : 20_000,
  ...(isProof ? {} : { seed: 1 }),
}
const within = { timeout: limitMs * 3 + 20_000 }

const files = [
  '[Unit]\nDescription=A\n\n[Service]\nExecStart=/bin/sh -c "a; \\\n   b; \\\n\tc"\nRestart=always\n',
  '  junk\n# c\n[Unit]   \n; comment\nDescription =   x   \n\n[Service]\n  ExecStart=\nExecStart=/bin/b x=y\n',
  '[Unit]\r\nDescription=crlf\r\n[X-Fleet]\r\nGlobal=true\r\n',
  '[X-Fleet]\nMachineMetadata="region=us east" "disk=ssd"\nConflicts=%p@*.service [a-z]?.socket\nMachineID=\n',
  '[Service]\nExecStart=/bin/été \\',
].map((text) => Buffer.from(text))
const pieces = [
  '[',
  ']',
  '=',
  '\\',
  '\n',
  '\r',
  '#',
  ';',
  ' ',
  '\t',
  '"',
  '%',
  '\\\n',
  '[X-Fleet]\n',
  'A=b\n',
  '\0',
  '\u0085',
  '\ufeff',
]

interface Change {
  readonly at: number
  readonly drop: number
  readonly bytes: Uint8Array
}

const bytes = fc.oneof(
  fc.constantFrom(...pieces).map((piece) => new Uint8Array(Buffer.from(piece))),
  fc.uint8Array({ maxLength: 4 }),
  fc
    .tuple(fc.constantFrom(...pieces), fc.nat(3_000))
    .map(([piece, times]) => new Uint8Array(Buffer.from(piece.repeat(times)))),
)
const changes = fc.array(fc.record({ at: fc.nat(), drop: fc.nat(8), bytes }), { maxLength: 8 })

function mutate(start: Uint8Array, list: readonly Change[]): string {
  let result = start
  for (const change of list) {
    const at = change.at % (result.length + 1)
    result = Buffer.concat([result.subarray(0, at), change.bytes, result.subarray(at + change.drop)])
  }
  // As a file is read: bytes that are no UTF-8 become U+FFFD.
  return Buffer.from(result).toString('utf8')
}

const texts = fc.oneof(
  fc.tuple(fc.constantFrom(...files), changes).map(([file, list]) => mutate(file, list)),
  fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all).toString('utf8')),
)

/** Undefined for a refusal that says why; anything else that is thrown fails the test. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof FlotaError && error.message !== '' && error.code !== 'internal') return undefined
    throw error
  }
}

/** The same options with those of one section together, as a canonical text has them. */
function grouped(options: readonly UnitOption[]): readonly UnitOption[] {
  const sections = [...new Set(options.map(({ section }) => section))]
  return sections.flatMap((name) => options.filter(({ section }) => section === name))
}

describe('any bytes', () => {
  it('as a unit file are options or a clear error, and say the same after writing and reading', within, () => {
    fc.assert(
      fc.property(texts, (text) => {
        const options = attempt(() => parseUnitFile(text))
        if (options === undefined) return
        const canonical = serialiseUnitFile(options)
        const again = parseUnitFile(canonical)
        expect(again).toEqual(grouped(options))
        expect(serialiseUnitFile(again)).toBe(canonical)
        expect(toUnitText(options)).toBe(canonical)
        findUnknownRequirements(options)
        attempt(() => parseRequirements(parseUnitName('a@b.service'), options))
      }),
      runs,
    )
  })

  it('as a name or a glob are taken or refused', within, () => {
    fc.assert(
      fc.property(texts, fc.string(), (text, name) => {
        const line = text.slice(0, 300)
        attempt(() => parseUnitName(line))
        attempt(() => mangleUnitName(`${line}.service`))
        compileGlob(line)(name)
      }),
      runs,
    )
  })

  const dump = readFileSync(new URL('../fixtures/fleet-keyspace.json', import.meta.url))
  it('as a dump of etcd are a plan or a clear error', within, () => {
    const prefix = '/_coreos.com/fleet/'
    fc.assert(
      fc.property(changes, (list) => {
        const fleet = attempt(() => readFleetKeyspace(flattenEtcd2(mutate(dump, list), 'dump'), prefix))
        if (fleet === undefined) return
        const { units } = planImport(fleet, { units: new Map(), machines: new Map() }, { isInactive: false })
        for (const { action, reason, options } of units) {
          expect(action === 'skip' ? reason !== undefined : options.length > 0).toBe(true)
        }
      }),
      runs,
    )
  })
})

describe('a mebibyte', () => {
  it.each([
    '[',
    '[X]\n',
    'A=',
    '\n',
    ' ',
    '\\\n',
    '#\\\n',
    '[X]\nA=b\\\n',
    '[X-Fleet]\nConflicts="',
    '" "',
    'é',
    '\u0085',
    '=\r',
  ])('of %j is read or refused in no time', { timeout: 30_000 }, (piece) => {
    const before = performance.now()
    for (const head of ['', '[X-Fleet]\n', '[X-Fleet]\nConflicts="']) {
      const text = head + piece.repeat((1024 * 1024 - head.length) / Buffer.byteLength(piece))
      const options = attempt(() => parseUnitFile(text))
      if (options === undefined) continue
      // Canonical text may be a line end longer, and over the limit by it. Not `toBe`, which would print a mebibyte.
      const canonical = serialiseUnitFile(options)
      expect((attempt(() => toUnitText(options)) ?? canonical) === canonical).toBe(true)
      attempt(() => parseRequirements(parseUnitName('a@b.service'), options))
    }
    expect(performance.now() - before).toBeLessThan(10_000)
  })
})

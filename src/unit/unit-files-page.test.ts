import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../lib/glob.ts'
import type { Requirements } from './requirements.ts'
import { findUnknownRequirements, parseRequirements } from './requirements.ts'
import { parseUnitFile } from './unit-file.ts'
import { parseUnitName, unitTypes } from './unit-name.ts'

const page = readFileSync(new URL('../../docs/unit-files.md', import.meta.url), 'utf8')

/** The part under one heading. */
function partOf(heading: string): string {
  const [, rest = ''] = page.split(`\n${heading}\n`)
  return rest.split(/\n#{2,3} /)[0] ?? ''
}

/** Rows of the tables in a part, without their heads; code marks go. */
function rowsOf(part: string): readonly (readonly string[])[] {
  const lines = part.split('\n').filter((line) => line.startsWith('| '))
  return lines
    .filter((line, at) => !line.startsWith('| ---') && !lines[at + 1]?.startsWith('| ---'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ *\| */)
        .map((cell) => cell.replaceAll(/^`|`$/g, '').trim()),
    )
}

/** The indented example of a part, as a file. */
const exampleOf = (part: string): string =>
  part
    .split('\n')
    .filter((line) => line.startsWith('    ') || line === '')
    .map((line) => line.slice(4))
    .join('\n')

function requirementsOf(lines: string, unit = 'web@3.service'): Requirements {
  const options = parseUnitFile(lines)
  expect(findUnknownRequirements(options)).toEqual([])
  return parseRequirements(parseUnitName(unit), options)
}

describe('docs/unit-files.md', () => {
  it('lists every type of a unit, and which may be templates', () => {
    const cells = rowsOf(partOf('## Names and types')).flatMap(([a = '', b, c = '', d]) => [
      [a, b],
      [c, d],
    ])
    const listed = cells.filter(([type]) => type !== '')
    expect(listed.map(([type]) => type).toSorted()).toEqual([...unitTypes].toSorted())
    for (const [type = '', isTemplate] of listed) {
      const make = () => parseUnitName(`a@.${type}`)
      if (isTemplate === 'yes') expect(make()).toBe(`a@.${type}`)
      else expect(make).toThrow('invalid unit type for template')
    }
  })

  it.each<readonly [string, Partial<Requirements>]>([
    ['MachineID', { machineId: '43d53688e50a258033221963e58799d3' }],
    ['MachineOf', { machineOf: ['database.service'] }],
    [
      'MachineMetadata',
      {
        metadata: new Map([
          ['disk', ['ssd', 'nvme']],
          ['region', ['us east']],
          ['rack', ['r1']],
        ]),
      },
    ],
    ['Conflicts', { conflicts: ['nano@*.service', 'backup.*'] }],
    ['Replaces', { replaces: ['old-web.service'] }],
    ['Global', { isGlobal: true, metadata: new Map([['region', ['eu']]]) }],
  ])('has an example of %s that means what the page says', (option, meaning) => {
    expect(requirementsOf(exampleOf(partOf(`### ${option}`)))).toMatchObject(meaning)
  })

  it('describes every option that has a meaning, and no other', () => {
    const described = [...page.matchAll(/^### (\S+)$/gm)].map(([, name = '']) => name)
    expect(described).toEqual(['MachineID', 'MachineOf', 'MachineMetadata', 'Conflicts', 'Replaces', 'Global'])
  })

  it('gives each deprecated name the meaning of today’s', () => {
    const value: Readonly<Record<string, string>> = { MachineMetadata: 'a=b' }
    for (const [today = '', before = ''] of rowsOf(partOf('## Deprecated names'))) {
      for (const old of before.split(/`?, `?/)) {
        const of = (key: string) => requirementsOf(`[X-Fleet]\n${key}=${value[today] ?? 'x'}\n`)
        expect(of(old)).toEqual(of(today))
        expect(of(old)).not.toEqual(requirementsOf('[Unit]\nA=b\n'))
      }
    }
  })

  it('replaces each specifier as its table says', () => {
    for (const [specifier = '', , value = ''] of rowsOf(partOf('## Values')).slice(0, 4)) {
      expect(requirementsOf(`[X-Fleet]\nMachineOf=${specifier}\n`).machineOf).toEqual([value])
    }
  })

  it('matches globs as its table says', () => {
    const globs = rowsOf(partOf('## Values')).slice(4)
    expect(globs.length).toBe(5)
    for (const [glob = '', match = '', other = ''] of globs) {
      expect([glob, matchesGlob(glob, match), matchesGlob(glob, other)]).toEqual([glob, true, false])
    }
  })

  it('names what is refused together, in the words of the refusal', () => {
    const rows = rowsOf(partOf('## What excludes what'))
    expect(rows.length).toBe(8)
    for (const [together = '', message = ''] of rows) {
      const lines = together.replaceAll('`', '').split(', ').join('\n')
      expect(() => requirementsOf(`[X-Fleet]\n${lines}\n`)).toThrow(expect.objectContaining({ message }))
    }
  })

  it('has examples of a template and of [Install] that are unit files', () => {
    const [template = ''] = exampleOf(partOf('## An example')).split('flota submit')
    expect(requirementsOf(template, 'nano@.service')).toMatchObject({
      conflicts: ['nano@*.service'],
      metadata: new Map([['disk', ['ssd']]]),
    })
    expect(parseUnitFile(exampleOf(partOf('## [Install]')))).toContainEqual({
      section: 'Install',
      name: 'WantedBy',
      value: 'web.service',
    })
  })

  it('says how long a text may be', () => {
    const [, limit = ''] = /\((\d+) bytes\)/.exec(page) ?? []
    const text = (bytes: number) => `[A]\n${'B=c\n'.repeat(bytes / 4 - 1)}`
    expect(parseUnitFile(text(Number(limit))).length).toBe(Number(limit) / 4 - 1)
    expect(() => parseUnitFile(text(Number(limit) + 4))).toThrow('unit file too long')
  })
})

import { describe, expect, it } from 'vitest'
import { parseUnitFile, serialiseUnitFile, toUnitText } from './unit-file.ts'

const service = (name: string, value: string) => ({ section: 'Service', name, value })

describe('parseUnitFile', () => {
  it.each([
    { title: 'nothing from an empty text', text: '', options: [] },
    { title: 'nothing before the first section', text: 'A=b\n', options: [] },
    { title: 'options before any section as junk', text: 'A=b\n[Service]\nC=d', options: [service('C', 'd')] },
    { title: 'a section after junk on its line', text: 'junk [Service]\nA=b', options: [service('A', 'b')] },
    { title: 'a comment before the first section', text: '# [Unit]\n[Service]\nA=b', options: [service('A', 'b')] },
    { title: 'comments with blanks before', text: '[Service]\n  ; A=b\n\t# C=d\nE=f', options: [service('E', 'f')] },
    {
      title: 'a comment with a blank behind its backslash',
      text: '[Service]\n# a \\ \nB=c\nD=e',
      options: [service('D', 'e')],
    },
    {
      title: 'a comment with more behind its backslash',
      text: '[Service]\n# a \\\t\nD=e',
      options: [service('D', 'e')],
    },
    { title: 'a comment with a continued line', text: '[Service]\n# a \\\nB=c\nD=e', options: [service('D', 'e')] },
    {
      title: 'a comment inside a continuation as text',
      text: '[Service]\nA=b\\\n# c\nD=e',
      options: [service('A', 'b\\\n# c'), service('D', 'e')],
    },
    { title: 'equals signs in a value', text: '[Service]\nA=b=c=', options: [service('A', 'b=c=')] },
    { title: 'an empty name', text: '[Service]\n=b', options: [service('', 'b')] },
    {
      title: 'repeated options in order',
      text: '[Service]\nA=1\nA=\nA=2',
      options: [service('A', '1'), service('A', ''), service('A', '2')],
    },
    { title: 'a continuation over CRLF', text: '[Service]\r\nA=b \\\r\n  c\r\n', options: [service('A', 'b \\\n  c')] },
    {
      title: 'a section name as it stands',
      text: '[ X y ]\nA=b',
      options: [{ section: ' X y ', name: 'A', value: 'b' }],
    },
  ])('reads $title', ({ text, options }) => {
    expect(parseUnitFile(text)).toEqual(options)
  })

  it.each([
    ['[Service] x\nA=b', 'found garbage after section name : [120]'],
    ['[Service\nA=b', 'unable to find end of section'],
    ['[Service]\nA\nB=c', 'unexpected newline encountered while parsing option name'],
    ['[Service]\nA\rB=c', 'unexpected newline encountered while parsing option name'],
    [`[Service]\nA=${'x'.repeat(1024 * 1024)}\n`, 'unit file too long (1048589 bytes, max 1048576 bytes)'],
    ['x'.repeat(1024 * 1024), 'line too long (max 1048576 bytes)'],
  ])('refuses %.30s', (text, message) => {
    expect(() => parseUnitFile(text)).toThrow(expect.objectContaining({ message }))
  })

  it('takes a line far longer than systemd once allowed', () => {
    const value = 'x'.repeat(500_000)
    expect(parseUnitFile(`[Service]\nA=${value}`)).toEqual([service('A', value)])
  })
})

describe('serialiseUnitFile', () => {
  it('merges sections in the order of their first appearance', () => {
    const options = [service('A', '1'), { section: 'Unit', name: 'B', value: '2' }, service('C', '3')]
    expect(serialiseUnitFile(options)).toBe('[Service]\nA=1\nC=3\n\n[Unit]\nB=2\n')
  })
})

describe('toUnitText', () => {
  it('gives the canonical text of plain options', () => {
    expect(toUnitText([service('ExecStart', '/bin/a')])).toBe('[Service]\nExecStart=/bin/a\n')
  })

  it.each([
    { title: 'a newline that starts another option', option: service('A', 'b\nC=d'), lines: 'A=b\nC=d\n' },
    { title: 'a backslash at the end', option: service('A', 'b \\'), lines: 'A=b \\\n\n' },
    { title: 'a name with an equals sign', option: service('A=b', 'c'), lines: 'A=b=c\n' },
    { title: 'a name that is a comment', option: service('#A', 'b'), lines: '' },
    { title: 'blanks around a value', option: service('A', ' b '), lines: 'A=b\n' },
  ])('is what a file with $title says', ({ option, lines }) => {
    expect(toUnitText([service('Fine', '1'), option])).toBe(`[Service]\nFine=1\n${lines}`)
  })

  it('refuses what no file can say', () => {
    const option = { section: 'X]', name: 'A', value: 'b' }
    expect(() => toUnitText([option])).toThrow('found garbage after section name : [93]')
    expect(() => toUnitText([service('A', 'b\nc')])).toThrow('unexpected newline encountered')
  })
})

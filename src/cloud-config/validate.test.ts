import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeFinding } from './finding.ts'
import { validateUserData } from './validate.ts'

const validate = (text: string | Buffer) => validateUserData(Buffer.from(text)).map(describeFinding)

const unit = (lines: string): string => `#cloud-config\ncoreos:\n  units:\n    - name: a.service\n      ${lines}\n`
const file = (lines: string): string => `#cloud-config\nwrite_files:\n  - path: /a\n    ${lines}\n`

it.each([
  [
    'a misspelt key',
    '#cloud-config\ncoreos:\n  etcd2:\n    discovry: http://a\n',
    [4, 5, 'warning: unrecognized key "discovry"; did you mean "discovery"?'],
  ],
  [
    'a misspelt key with hyphens',
    '#cloud-config\ncoreos:\n  etcd2:\n    advertise-client-url: a\n',
    [4, 5, 'warning: unrecognized key "advertise-client-url"; did you mean "advertise_client_urls"?'],
  ],
  ['a key like no other', '#cloud-config\npackages: [a]\n', [2, 1, 'warning: unrecognized key "packages"']],
  ['a key of objects', '#cloud-config\nconstructor: a\n', [2, 1, 'warning: unrecognized key "constructor"']],
  ['a text for a boolean', unit('enable: maybe'), [5, 15, 'warning: incorrect type for "enable" (want bool)']],
  [
    'a text for a mapping',
    '#cloud-config\ncoreos:\n  units:\n    - {name: a.service}\n    - text\n',
    [5, 7, 'warning: incorrect type for "units[1]" (want struct)'],
  ],
  [
    'a text for a list',
    '#cloud-config\nssh_authorized_keys: key\n',
    [2, 22, 'warning: incorrect type for "ssh_authorized_keys" (want []string)'],
  ],
  [
    'a list for a text',
    '#cloud-config\nhostname: [a]\n',
    [2, 11, 'warning: incorrect type for "hostname" (want string)'],
  ],
  [
    'a fraction for a number',
    '#cloud-config\ncoreos: {etcd2: {max_wals: 1.5}}\n',
    [2, 28, 'warning: incorrect type for "max_wals" (want int)'],
  ],
  ['a command that is none', unit('command: kick'), [5, 16, 'error: invalid value kick']],
  [
    'a unit name with a path',
    '#cloud-config\ncoreos: {units: [{name: ../a.service}]}\n',
    [2, 25, 'error: invalid value ../a.service'],
  ],
  ['permissions that are none', file('permissions: 999'), [4, 18, 'error: invalid value 999']],
  ['permissions in another notation', file('permissions: 0o644'), [4, 18, 'error: invalid value 0o644']],
  ['an encoding that is none', file('encoding: zip'), [4, 15, 'error: invalid value zip']],
  [
    'a content that is not what it says',
    file('{encoding: b64}'.slice(1, -1) + '\n    content: "?"'),
    [3, 5, 'error: content cannot be decoded as "b64"'],
  ],
  [
    'a switch written as a boolean',
    '#cloud-config\ncoreos: {etcd2: {proxy: false}}\n',
    [2, 25, 'error: invalid value false'],
  ],
  [
    'files under coreos',
    '#cloud-config\ncoreos: {write_files: []}\n',
    [2, 10, "info: write_files doesn't belong under coreos"],
  ],
  [
    'a key given twice',
    '#cloud-config\nhostname: a\nhostname: b\n',
    [3, 1, 'warning: key "hostname" is given twice; the last one counts'],
  ],
])('validate finds %s', (...[, text, [line, column, message]]) => {
  expect(validate(text)).toEqual([`line ${line}, column ${column}: ${message}`])
})

it.each([
  [
    'permissions in all their spellings',
    '#cloud-config\nwrite_files: [{path: /a, permissions: 0644}, {path: /b, permissions: 644}, {path: /c, permissions: "0644"}]\n',
  ],
  ['booleans of YAML 1.1', unit('enable: on\n      runtime: no')],
  ['keys without a value', '#cloud-config\ncoreos:\n  etcd2:\n  units:\n'],
  ['anchors', '#cloud-config\nhostname: &h a\ncoreos: {etcd2: {name: *h}}\n'],
  ['a script', '#!/bin/sh\n'],
  ['blanks after the header', '#cloud-config \r\nhostname: a\n'],
])('validate accepts %s', (_title, text) => {
  expect(validate(text)).toEqual([])
})

it('validate reads what is packed', () => {
  expect(validate(gzipSync('#cloud-config\nhostnam: a\n'))).toEqual([
    'line 2, column 1: warning: unrecognized key "hostnam"; did you mean "hostname"?',
  ])
})

it('validate says that what is packed is damaged', () => {
  expect(() => validate(Buffer.from([0x1f, 0x8b, 1, 2]))).toThrow('Cannot unpack user-data')
})

it('validate checks the text that a machine will read', () => {
  expect(validate('#cloud-config\nhostname: "\\\\$private_ipv4"\n')).toEqual([
    expect.stringMatching(/^line 2, column 1[0-9]: error: /),
  ])
})

it('validate has nothing to say about the example', async () => {
  expect(validate(await readFile(new URL('../../examples/nano-container/cloud-config', import.meta.url)))).toEqual([])
})

it('validate never throws for a text, and each place is in the file', () => {
  const words = fc.constantFrom(
    'coreos',
    'etcd2',
    'units',
    'name',
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '[',
    '{',
    '&a',
    '*a',
    '"',
    '$private_ipv4',
    '<<',
  )
  const text = fc
    .array(fc.oneof(words, fc.string()), { maxLength: 40 })
    .map((parts) => `#cloud-config\n${parts.join('')}`)
  fc.assert(
    fc.property(text, (input) => {
      const lines = input.split('\n').length
      for (const { line, column } of validateUserData(Buffer.from(input))) {
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lines + 1)
        expect(column).toBeGreaterThanOrEqual(1)
      }
    }),
    { numRuns: 500 },
  )
})

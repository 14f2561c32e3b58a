import { describe, expect, it } from 'vitest'
import { hashUnitText, parseUnitHash, shortHash } from './hash.ts'
import { parseUnitFile, serialiseUnitFile } from './unit-file.ts'

/** Hashes that a real fleet 1.0 gave for these texts. */
const vectors: readonly { readonly title: string; readonly text: string; readonly sha1: string }[] = [
  { title: 'an empty value', text: '[Service]\nExecStart=\n', sha1: '21e38046b7d750607bbef96cbb3fe2bf50f1d67d' },
  {
    title: 'continued lines',
    text: '[Unit]\nDescription=A\n\n[Service]\nExecStart=/bin/sh -c "a; \\\n   b; \\\n\tc"\nRestart=always\n',
    sha1: 'aed4add14b5c553a17c26be4ae7a86c62da6dd58',
  },
  {
    title: 'a section that comes twice',
    text: '[Service]\nExecStart=/bin/a\n[Unit]\nDescription=X\n[Service]\nRestart=no\n',
    sha1: '00869cd48bc66048aafb80d546a50e9e071d5666',
  },
  {
    title: 'junk, comments, blanks and a repeated option',
    text:
      '  junk line\n# c\n[Unit]   \n; comment\nDescription =   spaced value   \n\n\n' +
      '[Service]\n  ExecStart=/bin/a  \nExecStart=\nExecStart=/bin/b x=y\n',
    sha1: '54956edc410cd9b164cf621b7b6e5c458b6ec423',
  },
  {
    title: 'CRLF line ends',
    text: '[Unit]\r\nDescription=crlf\r\n[Service]\r\nExecStart=/bin/a\r\n',
    sha1: '8e5798030862da33daaf6f6510525781c0c1ebb6',
  },
  {
    title: 'a backslash before the end of the file',
    text: '[Service]\nExecStart=/bin/a \\',
    sha1: 'a0bec5d1db4082333ece1729042210c481b0fe89',
  },
  {
    title: 'a backslash before the last newline',
    text: '[Service]\nExecStart=/bin/a \\\n',
    sha1: 'a0bec5d1db4082333ece1729042210c481b0fe89',
  },
  {
    title: 'a continuation that a blank line ends',
    text: '[Service]\nExecStart=/bin/a \\\n\nRestart=no',
    sha1: '6e11e9fa2f940ba9709ba39b5daa26f1da3cb843',
  },
  { title: 'UTF-8', text: '[Service]\nExecStart=/bin/été\n', sha1: 'a886b59c8d6ec28e007f40f3bb6f20719e58f8ef' },
  {
    title: 'a plain service',
    text: '[Service]\nExecStart=/bin/sleep 111111\n',
    sha1: '9be842c1d03a2688a8b60d79c5af0a921f2ff2c3',
  },
]

describe('hashUnitText', () => {
  it.each(vectors)("gives fleet's own hash for $title", ({ text, sha1 }) => {
    expect(hashUnitText(serialiseUnitFile(parseUnitFile(text)))).toBe(sha1)
  })
})

describe('parseUnitHash', () => {
  it('takes 40 hex digits and refuses anything else', () => {
    const hash = parseUnitHash('21e38046b7d750607bbef96cbb3fe2bf50f1d67d')
    expect(shortHash(hash)).toBe('21e3804')
    expect(() => parseUnitHash('21e3')).toThrow(/40 lower-case hex digits/)
  })
})

import { describe, expect, it } from 'vitest'
import { guestSources, parseDeb822, parseOneLine } from './apt-sources.ts'

const deb822 = `Types: deb
# a comment
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

describe('parseDeb822', () => {
  it('gives one source per URI and suite', () => {
    expect(parseDeb822(deb822).map(({ uri, suite }) => `${uri} ${suite}`)).toEqual([
      'http://mirror.invalid/debian bookworm',
      'http://mirror.invalid/debian bookworm-updates',
      'http://mirror.invalid/debian-security bookworm-security',
    ])
  })

  it('keeps options in the words of the one-line style', () => {
    expect(parseDeb822(deb822)[0]?.options).toEqual(['signed-by=/usr/share/keyrings/debian-archive-keyring.gpg'])
    expect(parseDeb822(`${deb822.trim()}\nTrusted: yes\n`).at(-1)?.options).toContain('trusted=yes')
  })

  it.each([
    ['a stanza that is off', 'Enabled: no'],
    ['one of sources only', 'Types: deb-src'],
  ])('leaves out %s', (_, line) => {
    expect(parseDeb822(`Types: deb\nURIs: http://x\nSuites: trixie\nComponents: main\n${line}\n`)).toEqual([])
  })

  it('reads a field that goes on over lines', () => {
    expect(parseDeb822('Types: deb\nURIs: http://a\n http://b\nSuites: trixie\nComponents: main\n')).toHaveLength(2)
  })

  it('does not take a key written out in the file for a path', () => {
    const text =
      'Types: deb\nURIs: http://a\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n'
    expect(parseDeb822(text)[0]?.options).toEqual([])
  })
})

describe('parseOneLine', () => {
  it.each([
    ['deb http://x/debian trixie main contrib', [], ['main', 'contrib']],
    ['deb [signed-by="/k.gpg"] http://x/debian trixie main', ['signed-by=/k.gpg'], ['main']],
    [
      'deb [signed-by=/k.gpg arch=amd64] http://x/debian trixie main # note',
      ['signed-by=/k.gpg', 'arch=amd64'],
      ['main'],
    ],
  ])('reads %s', (line, options, components) => {
    expect(parseOneLine(line)).toEqual([{ uri: 'http://x/debian', suite: 'trixie', components, options }])
  })

  it.each(['# deb http://x trixie main', 'deb-src http://x trixie main', '', 'deb http://x'])(
    'leaves out "%s"',
    (line) => {
      expect(parseOneLine(line)).toEqual([])
    },
  )
})

describe('guestSources', () => {
  it("keeps the host's archives, options and keyrings and changes the suite", () => {
    expect(guestSources({ host: parseDeb822(deb822), osId: 'debian', mirror: undefined })).toBe(
      [
        'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.invalid/debian trixie main',
        'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.invalid/debian trixie-updates main',
        'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.invalid/debian-security trixie-security main',
        '',
      ].join('\n'),
    )
  })

  it("takes no third party's archive for Debian's", () => {
    const host = parseOneLine(
      'deb http://x/debian bookworm main\ndeb http://y/node nodistro main\ndeb http://z/sdk sdk-bookworm main',
    )
    expect(guestSources({ host, osId: 'debian', mirror: undefined })).toBe('deb http://x/debian trixie main\n')
  })

  it('takes the mirror alone where one is named', () => {
    expect(guestSources({ host: [], osId: 'ubuntu', mirror: 'http://x/debian' })).toBe(
      'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://x/debian trixie main\n',
    )
  })

  it.each([
    ['an Ubuntu host', 'ubuntu', 'deb http://x/ubuntu noble main'],
    ['a host without archives', 'debian', ''],
    ['a host with security updates only', 'debian', 'deb http://x/debian-security bookworm-security main'],
  ])('refuses %s with the way out', (_, osId, text) => {
    expect(() => guestSources({ host: parseOneLine(text), osId, mirror: undefined })).toThrow('names none')
  })

  it.each(['x', 'ftp://x/debian', 'http://x trixie main\ndeb http://y'])('refuses the mirror "%s"', (mirror) => {
    expect(() => guestSources({ host: [], osId: 'debian', mirror })).toThrow('Cannot use the mirror')
  })
})

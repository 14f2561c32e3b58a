import { expect, it } from 'vitest'
import { toAptOptions } from './root.ts'
import { finishScript, packages, rootHash } from './root-recipe.ts'

it('the same sources give the same root, others another', () => {
  expect(rootHash('deb http://x trixie main\n')).toBe(rootHash('deb http://x trixie main\n'))
  expect(rootHash('deb http://x trixie main\n')).not.toBe(rootHash('deb http://y trixie main\n'))
  expect(rootHash('')).toMatch(/^[0-9a-f]{16}$/)
})

it('packages are sorted and named once', () => {
  expect(packages).toEqual([...new Set(packages)].toSorted())
})

it.each(['etcd', 'nginx', 'docker-registry'])("the package's own %s service does not start by itself", (name) => {
  expect(finishScript).toContain(`ln -sf /dev/null /etc/systemd/system/${name}.service\n`)
})

it.each(['/etc/ssh/ssh_host_*', '/etc/hostname'])('machines do not share %s', (path) => {
  expect(finishScript).toMatch(new RegExp(`^rm -f .*${path.replaceAll('*', '\\*')}`, 'm'))
})

it("hands on the host's settings of apt that decide about reach and trust, and no others", () => {
  const dump = [
    'Acquire::http::Proxy "http://proxy:3128";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::https::Verify-Peer "true";',
    'Acquire::Changelogs::URI::Origin::Debian "https://x";',
    'Dir::Cache "var/cache/apt";',
    'APT::Install-Recommends "1";',
    'Acquire::http "";',
  ].join('\n')
  expect(toAptOptions(dump)).toEqual([
    '--aptopt=Acquire::http::Proxy "http://proxy:3128"',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::https::Verify-Peer "true"',
  ])
})

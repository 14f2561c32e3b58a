import { mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { installArtefact } from './artefact.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-artefact-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const files: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'flota', bundleDependencies: ['a'] }),
  'bin/flota.js': '',
  'dist/flotad.js': 'daemon',
  'systemd/fleet.service': '[Unit]',
  'src/secret.ts': '',
  'node_modules/a/package.json': JSON.stringify({ dependencies: { b: '1' } }),
  'node_modules/b/package.json': JSON.stringify({ dependencies: { a: '1' } }),
  'node_modules/c/package.json': '{}',
}

async function makePackage(without: readonly string[] = []): Promise<string> {
  const source = join(folder, 'package')
  for (const [path, text] of Object.entries(files).filter(([name]) => !without.includes(name))) {
    await mkdir(dirname(join(source, path)), { recursive: true })
    await writeFile(join(source, path), text)
  }
  return source
}

it('installs what npm pack gives, the bundled packages with all they depend on, and nothing else', async () => {
  const layer = join(folder, 'layer')
  await installArtefact(await makePackage(), layer)
  const target = join(layer, 'usr/lib/flota')
  expect((await readdir(target)).toSorted()).toEqual(['bin', 'dist', 'node_modules', 'package.json', 'systemd'])
  expect((await readdir(join(target, 'node_modules'))).toSorted()).toEqual(['a', 'b'])
})

it('puts the programs into the path and the units before systemd, with the second name of fleet.service', async () => {
  const layer = join(folder, 'layer')
  await installArtefact(await makePackage(), layer)
  for (const name of ['flota', 'flotad', 'fleetctl']) {
    expect(await readlink(join(layer, 'usr/bin', name))).toBe(`../lib/flota/bin/${name}.js`)
  }
  const units = join(layer, 'usr/lib/systemd/system')
  expect(await readFile(join(units, 'fleet.service'), 'utf8')).toBe('[Unit]')
  expect(await readlink(join(units, 'flota.service'))).toBe('fleet.service')
  const wants = join(layer, 'etc/systemd/system/multi-user.target.wants')
  expect(await readdir(wants)).toEqual(['flota-cloud-config.service'])
})

it('installs over an older version and leaves nothing of it', async () => {
  const layer = join(folder, 'layer')
  const source = await makePackage()
  await installArtefact(source, layer)
  await writeFile(join(layer, 'usr/lib/flota/dist/old.js'), '')
  await installArtefact(source, layer)
  expect(await readdir(join(layer, 'usr/lib/flota/dist'))).toEqual(['flotad.js'])
})

it('refuses a package that is not built, before it changes anything', async () => {
  const source = await makePackage(['dist/flotad.js'])
  await expect(installArtefact(source, join(folder, 'layer'))).rejects.toMatchObject({
    hint: 'Build it first: npm run build',
  })
  expect(await readdir(folder)).toEqual(['package'])
})

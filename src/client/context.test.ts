import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  configFolder,
  currentContextName,
  listContexts,
  readContext,
  removeContext,
  useContext,
  writeContext,
} from './context.ts'

let env: { readonly HOME: string }
beforeEach(async () => {
  env = { HOME: await mkdtemp(join(tmpdir(), 'flota-context-')) }
})
afterEach(() => rm(env.HOME, { recursive: true }))

const nano = {
  name: 'nano',
  user: 'core',
  addresses: ['10.0.0.1', '10.0.0.2'],
  identityFile: '/keys/id',
  knownHostsFile: '/keys/known hosts',
}

it('a context is read as it was written, and nobody else may read it', async () => {
  await writeContext(nano, env)
  expect(await readContext('nano', env)).toEqual(nano)
  const { mode } = await stat(join(configFolder(env), 'contexts', 'nano.json'))
  expect(mode & 0o077).toBe(0)
  expect(await listContexts(env)).toEqual(['nano'])
})

it('XDG_CONFIG_HOME says where', () => {
  expect(configFolder({ HOME: '/h', XDG_CONFIG_HOME: '/x' })).toBe('/x/flota')
  expect(configFolder({ HOME: '/h', XDG_CONFIG_HOME: '' })).toBe('/h/.config/flota')
})

it('what is not there is undefined, and removing it is no error', async () => {
  expect(await readContext('none', env)).toBeUndefined()
  expect(await currentContextName(env)).toBeUndefined()
  expect(await listContexts(env)).toEqual([])
  await removeContext('none', env)
})

it('the current context goes with its context, and only with its own', async () => {
  await writeContext(nano, env)
  await useContext('nano', env)
  await removeContext('other', env)
  expect(await currentContextName(env)).toBe('nano')
  await removeContext('nano', env)
  expect([await currentContextName(env), await listContexts(env)]).toEqual([undefined, []])
})

it.each(['', '../x', 'a/b', '.', 'a.json', '-x'])("a context cannot be called '%s'", async (name) => {
  await expect(readContext(name, env)).rejects.toThrow(/Cannot use context/)
  await expect(useContext(name, env)).rejects.toThrow(/Cannot use context/)
})

it.each([
  ['{', 'it is not JSON'],
  ['1', 'it is not an object'],
  ['{"name":1}', "'addresses' is not a list"],
  ['{"addresses":[1]}', "'addresses' is not a list"],
  ['{"addresses":[],"name":1}', "'name' is not a text"],
])('a file with %s is refused: %s', async (text, why) => {
  await writeContext(nano, env)
  const path = join(configFolder(env), 'contexts', 'nano.json')
  await writeFile(path, text)
  await expect(readContext('nano', env)).rejects.toThrow(`Cannot read context file '${path}': ${why}`)
  expect(await readFile(path, 'utf8')).toBe(text)
})

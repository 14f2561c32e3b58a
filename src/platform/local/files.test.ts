import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exists, makeWhole, writeWhole } from './files.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-files-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it('writeWhole makes folders, sets the mode, and leaves nothing beside the file', async () => {
  const path = join(folder, 'a/b/file')
  await writeWhole(path, 'one', 0o600)
  await writeWhole(path, 'two', 0o600)
  expect(await readFile(path, 'utf8')).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(folder, 'a/b'))).toEqual(['file'])
})

it('makeWhole shows the folder only when it is complete', async () => {
  const path = join(folder, 'whole')
  await makeWhole(path, async (target) => {
    expect(await exists(path)).toBe(false)
    await writeFile(join(target, 'x'), '1')
  })
  expect(await readdir(path)).toEqual(['x'])
})

it('makeWhole leaves nothing when filling fails', async () => {
  const path = join(folder, 'whole')
  await expect(makeWhole(path, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room')
  expect(await readdir(folder)).toEqual([])
})

it('makeWhole throws away what an interrupted try left', async () => {
  const path = join(folder, 'whole')
  await mkdir(`${path}.partial`)
  await writeFile(join(`${path}.partial`, 'old'), '1')
  await makeWhole(path, async (target) => writeFile(join(target, 'new'), '1'))
  expect(await readdir(path)).toEqual(['new'])
})

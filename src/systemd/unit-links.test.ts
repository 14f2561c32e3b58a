import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { UnitName } from '../unit/unit.ts'
import { UnitLinks } from './unit-links.ts'

const unit = 'a.service' as UnitName
const path = '/run/fleet/units/a.service'
let root: string
let links: UnitLinks

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'flota-links-'))
  links = new UnitLinks(root)
  await mkdir(join(root, '/run/fleet/units'), { recursive: true })
  await writeFile(join(root, path), '[Service]\n')
})
afterEach(() => rm(root, { recursive: true }))

const folder = () => join(root, '/run/systemd/system')

it('makes a link, again and again, and takes it away', async () => {
  await links.make(path)
  await links.make(path)
  expect(await readlink(join(folder(), unit))).toBe(path)
  expect(await readdir(folder())).toEqual([unit])
  await links.remove(unit)
  await links.remove(unit)
  expect(await readdir(folder())).toEqual([])
})

it('names the file that is not there', async () => {
  await expect(links.make('/run/fleet/units/none.service')).rejects.toThrow(
    "there is no file '/run/fleet/units/none.service'",
  )
})

it('leaves a unit alone that somebody else wrote there', async () => {
  await mkdir(folder(), { recursive: true })
  await writeFile(join(folder(), unit), 'theirs')
  await expect(links.make(path)).rejects.toMatchObject({ code: 'failed_precondition' })
  await links.remove(unit)
  expect(await readFile(join(folder(), unit), 'utf8')).toBe('theirs')
})

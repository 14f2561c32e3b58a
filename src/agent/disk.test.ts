import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hashUnitText } from '../unit/hash.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import { realDisk } from './disk.ts'
import { LaunchRecords, parseLaunchRecord } from './launch-records.ts'
import { toUnitFile, UnitFiles } from './unit-files.ts'

const unit = 'nano@1.service' as UnitName
const record = {
  unit,
  hash: 'a'.repeat(40) as UnitHash,
  generation: 3,
  bootId: 'boot',
  phase: 'started',
  invocation: '',
} as const

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-disk-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('makes a folder that is not there, and clears what a killed writer left in one', async () => {
  expect(await realDisk.list(join(folder, 'a/b'))).toEqual([])
  await writeFile(join(folder, 'x.service.new'), 'half')
  await writeFile(join(folder, 'x.service'), 'whole')
  expect(await realDisk.list(folder)).toEqual(['a', 'x.service'])
  expect(await readdir(folder)).toEqual(['a', 'x.service'])
})

it('writes a file that all may read, and removes it, twice if need be', async () => {
  const path = join(folder, 'x.service')
  await realDisk.write(path, 'text')
  expect(await realDisk.read(path)).toBe('text')
  expect((await stat(path)).mode & 0o777).toBe(0o644)
  await realDisk.remove(path)
  await realDisk.remove(path)
  expect(await readdir(folder)).toEqual([])
})

it('finds the unit files of an earlier flotad by their content, and passes over other names', async () => {
  const text = '[Service]\nExecStart=/bin/true\n'
  const first = await UnitFiles.open(folder, realDisk)
  await first.write(unit, text)
  await writeFile(join(folder, 'README'), 'not a unit')
  const second = await UnitFiles.open(folder, realDisk)
  expect(second.names()).toEqual([unit])
  expect(second.get(unit)).toEqual(toUnitFile(text))
  await second.remove(unit)
  expect((await UnitFiles.open(folder, realDisk)).names()).toEqual([])
})

it('refuses to write outside of its folder', async () => {
  const files = await UnitFiles.open(folder, realDisk)
  await expect(files.write('../evil.service' as UnitName, '')).rejects.toThrow('invalid character')
  const records = await LaunchRecords.open(folder, realDisk)
  await expect(records.put({ ...record, unit: '../evil.service' as UnitName })).rejects.toThrow('invalid character')
})

it.each([
  { title: 'comments', text: '# note\n[Service]\nExecStart=/bin/true\n' },
  { title: 'blank lines', text: '\n[Service]\n\nExecStart=/bin/true\n\n' },
])('sees no other content in $title', ({ text }) => {
  expect(toUnitFile(text)).toEqual(toUnitFile('[Service]\nExecStart=/bin/true\n'))
})

it('sees an [Install] section', () => {
  expect(toUnitFile('[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=a.target\n').hasInstall).toBe(true)
})

it('gives a text that is no unit file the hash of its bytes', () => {
  expect(toUnitFile('[broken\n')).toEqual({ hash: hashUnitText('[broken\n'), hasInstall: false })
})

it('keeps launch records for the next flotad, and forgets what is no record', async () => {
  const first = await LaunchRecords.open(folder, realDisk)
  await first.put(record)
  await writeFile(join(folder, 'torn.service.json'), '{"unit":"torn.ser')
  const second = await LaunchRecords.open(folder, realDisk)
  expect(second.names()).toEqual([unit])
  expect(second.get(unit)).toEqual(record)
  await second.remove(unit)
  expect((await LaunchRecords.open(folder, realDisk)).names()).toEqual([])
})

it.each(['', 'null', '7', '{}', JSON.stringify({ ...record, phase: 'odd' }), JSON.stringify({ ...record, hash: 1 })])(
  'takes %j for no record',
  (text) => {
    expect(parseLaunchRecord(text)).toBeUndefined()
  },
)

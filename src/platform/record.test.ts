import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseRecord, readRecord, writeRecord } from './record.ts'

const record = {
  version: 1 as const,
  name: 'flota',
  range: '10.77.0.0/24',
  machines: 4,
  root: '/var/cache/flota/roots/abc',
  registryPort: 5000,
  discoveryPort: 8087,
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-record-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it('gives back what was written, with and without a discovery URL', async () => {
  await writeRecord(folder, record)
  expect(await readRecord(folder)).toEqual(record)
  const complete = { ...record, discoveryUrl: 'http://10.77.0.1:8087/abc' }
  await writeRecord(folder, complete)
  expect(await readRecord(folder)).toEqual(complete)
})

it('is undefined where there is no cluster', async () => {
  expect(await readRecord(join(folder, 'none'))).toBeUndefined()
})

it.each([
  ['another version', JSON.stringify({ ...record, version: 2 })],
  ['a missing field', JSON.stringify({ ...record, range: undefined })],
  ['a broken file', '{"version":'],
  ['an empty file', ''],
])('refuses %s with the way out', (_, text) => {
  expect(() => parseRecord(text, '/x/cluster.json')).toThrow("Cannot read the cluster's record '/x/cluster.json'")
})

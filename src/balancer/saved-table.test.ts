import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadTable, saveTable } from './saved-table.ts'
import { temporaryDirectory } from './test-backends.ts'
import { machineId, unitName } from './test-cluster.ts'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let path: string

beforeEach(async () => {
  directory = await temporaryDirectory()
  path = join(directory.path, 'table.json')
})
afterEach(() => rm(directory.path, { recursive: true }))

const empty = { upstreams: [], served: [] }

test('what was saved is loaded', async () => {
  const place = {
    unit: unitName('a.service'),
    machine: machineId(1),
    address: '::1',
    port: 1,
    standing: 'down',
  } as const
  const table = { upstreams: [{ route: 'r', scheme: 'http', places: [place] } as const], served: ['http://[::1]:1'] }
  await saveTable(path, table)
  expect(await loadTable(path)).toEqual(table)
})

test('a missing file is an empty table', async () => {
  expect(await loadTable(path)).toEqual(empty)
})

test.each(['', '{"upstreams":[', '{"upstreams":7,"served":[]}', '{"upstreams":[{"route":"r"}],"served":[]}', 'null'])(
  'a file that holds %j is an empty table',
  async (text) => {
    await writeFile(path, text)
    expect(await loadTable(path)).toEqual(empty)
  },
)

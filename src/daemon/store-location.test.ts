import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readStoreLocation, writeStoreLocation } from './store-location.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flota-location-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('gives back what flotad wrote', async () => {
  const file = join(directory, 'run', 'store.json')
  const location = {
    endpoints: ['http://10.0.0.1:2379'],
    publicIp: '10.0.0.4',
    tls: { caFile: '', certFile: '', keyFile: '' },
  }
  await writeStoreLocation(location, file)
  expect(await readStoreLocation(file)).toEqual(location)
})

it('says where to look when flotad has written nothing', async () => {
  await expect(readStoreLocation(join(directory, 'none'))).rejects.toMatchObject({ code: 'unavailable' })
})

it('refuses a file that names no endpoint', async () => {
  const file = join(directory, 'store.json')
  await writeFile(file, '{"endpoints":[]}')
  await expect(readStoreLocation(file)).rejects.toMatchObject({ code: 'failed_precondition' })
})

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { IdentityPaths } from './identity.ts'
import { identityPaths, readIdentity } from './identity.ts'

let folder: string
let paths: IdentityPaths

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-identity-'))
  paths = { machineId: join(folder, 'machine-id'), bootId: join(folder, 'boot'), nonce: join(folder, 'data/nonce') }
  await writeFile(paths.machineId, `${'a1'.repeat(16)}\n`)
  await writeFile(paths.bootId, 'd0f1c2a4-0000-4000-8000-000000000001\n')
})
afterEach(() => rm(folder, { recursive: true }))

it('makes a nonce once and keeps it', async () => {
  const first = await readIdentity(paths)
  expect(first).toEqual({
    id: 'a1'.repeat(16),
    bootId: 'd0f1c2a4-0000-4000-8000-000000000001',
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  })
  expect(await readIdentity(paths)).toEqual(first)
  expect(await readdir(join(folder, 'data'))).toEqual(['nonce'])
  expect((await stat(paths.nonce)).mode & 0o777).toBe(0o600)
})

it('makes a new nonce where a power cut left an empty file', async () => {
  await readIdentity(paths)
  await writeFile(paths.nonce, '')
  expect((await readIdentity(paths)).nonce).toMatch(/^[0-9a-f]{32}$/)
})

it('names the file that it cannot read', async () => {
  await rm(paths.machineId)
  await expect(readIdentity(paths)).rejects.toThrow(`Cannot read '${paths.machineId}'`)
})

it('names the nonce when its folder cannot be made', async () => {
  const nonce = join(paths.machineId, 'nonce')
  await expect(readIdentity({ ...paths, nonce })).rejects.toThrow(`Cannot write the machine's nonce '${nonce}'`)
})

it('refuses a machine id that is not set yet', async () => {
  await writeFile(paths.machineId, 'uninitialized\n')
  await expect(readIdentity(paths)).rejects.toThrow("Cannot read machine id 'uninitialized'")
})

it('keeps the nonce with the durable data', () => {
  expect(identityPaths('/var/lib/flota').nonce).toBe('/var/lib/flota/nonce')
})

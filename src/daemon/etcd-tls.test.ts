import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readTls } from './etcd-tls.ts'

it('reads the files that are named and leaves out the others', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flota-tls-'))
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, 'PEM')
  expect(await readTls({ caFile, certFile: '', keyFile: '' })).toEqual({ ca: 'PEM' })
  await rm(directory, { recursive: true })
})

it('names the file that cannot be read', async () => {
  await expect(readTls({ caFile: '/nowhere/ca.pem', certFile: '', keyFile: '' })).rejects.toThrow('/nowhere/ca.pem')
})

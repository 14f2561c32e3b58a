import { X509Certificate } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureCertificate } from './certificate.ts'
import { filesIn } from './render.ts'
import { temporaryDirectory } from './test-backends.ts'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>

beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(() => directory.remove())

test('the certificate names the address, is made once, and its key is for its owner only', async () => {
  const first = await ensureCertificate(directory.path, '10.77.0.14')
  expect(await ensureCertificate(directory.path, '10.77.0.14')).toBe(first)
  const { certificate, key } = filesIn(directory.path)
  expect(new X509Certificate(await readFile(certificate)).checkIP('10.77.0.14')).toBe('10.77.0.14')
  expect((await stat(key)).mode & 0o077).toBe(0)
})

test.each(['certificate', 'key'] as const)('a pair whose %s is broken is made again', async (part) => {
  const first = await ensureCertificate(directory.path, 'balancer.example')
  await writeFile(filesIn(directory.path)[part], 'broken')
  expect(await ensureCertificate(directory.path, 'balancer.example')).not.toBe(first)
})

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { registryMark, registryService } from './registry.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-registry-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it("runs the root's own program with the root's own loader and libraries", async () => {
  const root = join(folder, 'root')
  await mkdir(join(root, 'usr/lib64'), { recursive: true })
  await mkdir(join(root, 'usr/lib/x86_64-linux-gnu'), { recursive: true })
  await writeFile(join(root, 'usr/lib64/ld-linux-x86-64.so.2'), '')
  const service = await registryService({ root, folder, address: '10.77.0.1', port: 5000 })
  expect(service.command).toEqual([
    `${root}/usr/lib64/ld-linux-x86-64.so.2`,
    '--library-path',
    `${root}/usr/lib/x86_64-linux-gnu`,
    `${root}/usr/bin/docker-registry`,
    'serve',
    `${folder}/registry.yml`,
  ])
  expect(service.command).toContain(registryMark(folder))
  const config = await readFile(join(folder, 'registry.yml'), 'utf8')
  expect(config).toContain(`rootdirectory: "${folder}/registry"`)
  expect(config).toContain('addr: "10.77.0.1:5000"')
})

it('says so when the root is none', async () => {
  await mkdir(join(folder, 'usr/lib'), { recursive: true })
  const service = registryService({ root: folder, folder, address: '10.77.0.1', port: 5000 })
  await expect(service).rejects.toThrow('has no dynamic loader')
})

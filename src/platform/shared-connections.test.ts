import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { closeSharedConnections } from './shared-connections.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-shared-'))
  await mkdir(join(folder, 'flota'), { mode: 0o700 })
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it("removes this cluster's configurations of ssh and no other's, and needs no connection to be there", async () => {
  const others = ['context-trial-two-0123456789ab.conf', 'context-other.conf', 'tunnel-0123456789ab.conf']
  for (const file of [...others, 'context-trial-0123456789ab.conf', 'context-trial.conf']) {
    await writeFile(join(folder, 'flota', file), '')
  }
  const files = { identityFile: join(folder, 'key'), knownHostsFile: join(folder, 'known_hosts') }
  const context = { name: 'trial', user: 'core', addresses: ['127.0.0.1'], ...files }
  await closeSharedConnections(context, { XDG_RUNTIME_DIR: folder })
  expect((await readdir(join(folder, 'flota'))).toSorted()).toEqual(others.toSorted())
})

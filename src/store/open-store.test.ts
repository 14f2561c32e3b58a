import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { realClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { openStore } from './open-store.ts'

const deps = { clock: realClock, log: silentLog }

test('openStore opens the embedded store in its directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flota-open-'))
  const store = await openStore({ kind: 'embedded', directory }, deps)
  await store.commit({ operations: [{ kind: 'put', key: 'a', value: '1' }] })
  await store.close()
  const again = await openStore({ kind: 'embedded', directory }, deps)
  expect((await again.read({ key: 'a' })).entries).toMatchObject([{ value: '1' }])
  await again.close()
  await rm(directory, { recursive: true, force: true })
})

test('openStore gives a store for etcd at once, which says who cannot be reached when it is asked', async () => {
  const store = await openStore({ kind: 'etcd', endpoints: ['http://127.0.0.1:1'] }, deps)
  await expect(store.read({ key: 'a' })).rejects.toMatchObject({
    code: 'unavailable',
    message: "Cannot read from etcd at 'http://127.0.0.1:1': connect ECONNREFUSED 127.0.0.1:1",
    hint: 'see whether etcd runs there and a majority of its members is up: etcdctl endpoint health',
  })
  await store.close()
})

test('openStore refuses an endpoint that is no URL', async () => {
  const opening = openStore({ kind: 'etcd', endpoints: ['10.0.0.2:2379'] }, deps)
  await expect(opening).rejects.toMatchObject({ code: 'invalid_argument' })
})

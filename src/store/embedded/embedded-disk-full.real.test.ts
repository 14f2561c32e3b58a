import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../../test/real/wait-for.ts'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import type { Store } from '../store.ts'
import { openEmbeddedStore } from './embedded-store.ts'

/** Random, so that LevelDB cannot press it into less. */
const value = (): string => Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(2, 12)).join('')

describe('the embedded store on a full disk', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flota-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'flota-full', directory])
  })
  afterAll(async () => {
    execFileSync('umount', ['--lazy', directory])
    await rm(directory, { recursive: true, force: true })
  })

  const open = () => openEmbeddedStore({ directory: join(directory, 'store'), clock: realClock, log: silentLog })
  const put = (store: Store, key: number) =>
    store.commit({ operations: [{ kind: 'put', key: `/k/${key}`, value: value() }] })
  const keys = async (store: Store) => (await store.read({ prefix: '/k/' })).entries.map(({ key }) => key)

  test('refuses commits clearly, keeps what it acknowledged, and goes on by itself once there is room', async () => {
    const store = await open()
    const acknowledged: string[] = []
    const fillUp = async (): Promise<unknown> => {
      for (let key = 0; ; key += 1) {
        await put(store, key)
        acknowledged.push(`/k/${key}`)
      }
    }
    const error = await fillUp().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'unavailable', message: 'Cannot write to the store' })
    expect(acknowledged.length).toBeGreaterThan(2)
    await expect(put(store, 999)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await keys(store)).toEqual(expect.arrayContaining(acknowledged))

    execFileSync('mount', ['-o', 'remount,size=64m', directory])
    await waitFor('a commit', () => put(store, 1_000).catch(() => undefined))
    const kept = await keys(store)
    expect(kept).toEqual(expect.arrayContaining([...acknowledged, '/k/1000']))
    await store.close()
    const again = await open()
    expect(await keys(again)).toEqual(kept)
    await again.close()
  })
})

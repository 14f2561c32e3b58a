import { afterEach, beforeEach, expect, it } from 'vitest'
import { keyPrefix } from '../store/keys.ts'
import { TestApi } from './test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await TestApi.listen()
})
afterEach(() => api.close())

const machines = ['a', 'b', 'c'].map((letter) => letter.repeat(32))

function patch() {
  const payload = machines.map((id) => ({ op: 'add', path: `/${id}/metadata/disk`, value: 'ssd' }))
  return api.app.inject({ method: 'PATCH', url: '/fleet/v1/machines', payload })
}

it('a patch of several machines is one commit', async () => {
  const before = api.store.revision
  expect((await patch()).statusCode).toBe(204)
  expect(api.store.revision).toBe(before + 1n)
  expect((await api.store.read({ prefix: keyPrefix })).entries).toHaveLength(machines.length)
})

it('a patch that cannot be written to one of them is written to none', async () => {
  const commit = api.store.commit.bind(api.store)
  let left = 20
  api.store.commit = async (wanted, signal) =>
    left-- > 0 ? { kind: 'conflict', revision: api.store.revision } : commit(wanted, signal)
  const before = api.store.revision
  expect((await patch()).statusCode).toBe(409)
  expect(api.store.revision).toBe(before)
})

import { readFile, writeFile } from 'node:fs/promises'
import createClient from 'openapi-fetch'
import openapiTS, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestApi } from '../../src/api/test-api.ts'
import { waitFor } from '../real/wait-for.ts'
import type { paths } from './generated-api.ts'
import { InProcessCluster } from './in-process-cluster.ts'

const file = new URL('generated-api.ts', import.meta.url)
const head = `/* eslint-disable */
// Made by openapi-typescript from /flota/v1/openapi.json; UPDATE=1 makes it anew (generated-client.test.ts).
`

let cluster: InProcessCluster
let baseUrl: string
beforeAll(async () => {
  cluster = await InProcessCluster.open()
  cluster.live()
  baseUrl = await cluster.api.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => cluster.close())

async function generate(): Promise<string> {
  const api = await TestApi.listen()
  const answer = await api.app.inject({ method: 'GET', url: '/flota/v1/openapi.json' })
  await api.close()
  const types = astToString(await openapiTS(answer.body))
  return format(head + types, { ...(await resolveConfig(file)), parser: 'typescript' })
}

it('the types of the API are those that a generator makes from its description', async () => {
  const types = await generate()
  if (process.env['UPDATE'] === '1') await writeFile(file, types)
  expect(await readFile(file, 'utf8')).toBe(types)
})

it('a generated client lists, creates, starts and destroys a unit', async () => {
  const client = createClient<paths>({ baseUrl })
  const params = { path: { name: 'hello.service' } }
  const states = async () => (await client.GET('/fleet/v1/state')).data?.states ?? []
  const options = [{ section: 'Service', name: 'ExecStart', value: '/bin/sleep 3600' }]

  expect((await client.GET('/fleet/v1/units')).data).toEqual({})
  const created = await client.PUT('/fleet/v1/units/{name}', { params, body: { options, desiredState: 'inactive' } })
  expect(created.response.status).toBe(201)
  expect((await client.GET('/fleet/v1/units')).data?.units).toEqual([
    { currentState: 'inactive', desiredState: 'inactive', name: 'hello.service', options },
  ])

  const started = await client.PUT('/fleet/v1/units/{name}', { params, body: { desiredState: 'launched' } })
  expect(started.response.status).toBe(204)
  const state = await waitFor('hello.service running', async () => (await states())[0])
  expect(state).toMatchObject({ name: 'hello.service', systemdActiveState: 'active' })
  const why = await client.GET('/flota/v1/units/{name}/why', { params })
  expect(why.data?.places[0]?.reason).toBe('fewest units')

  expect((await client.DELETE('/fleet/v1/units/{name}', { params })).response.status).toBe(204)
  const gone = await client.GET('/fleet/v1/units/{name}', { params })
  expect([gone.response.status, gone.error]).toEqual([404, { error: { code: 404, message: 'unit does not exist' } }])
  await waitFor('no state of it', async () => (await states()).length === 0)
})

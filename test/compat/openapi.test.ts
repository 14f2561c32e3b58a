import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fleetMembers } from '../../src/api/discovery.ts'
import { meaningOf } from '../../src/api/openapi.ts'
import { namedSchemas } from '../../src/api/schemas.ts'
import { InProcessCluster } from './in-process-cluster.ts'

interface OpenApi {
  readonly openapi: string
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

let cluster: InProcessCluster
const registered = new Set<string>()

beforeAll(async () => {
  cluster = await InProcessCluster.open()
  cluster.api.addHook('onRoute', ({ url, method, schema }) => {
    if (schema !== undefined) registered.add(`${String(method).toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  })
})
afterAll(() => cluster.close())

async function read<T>(url: string): Promise<T> {
  const answer = await cluster.api.inject({ method: 'GET', url })
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json'])
  return answer.json<T>()
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 and describes every route that is registered, once', async () => {
    const { openapi, paths } = await read<OpenApi>('/flota/v1/openapi.json')
    expect(openapi).toBe('3.1.0')
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const wanted = [...registered].filter((route) => !route.includes(' /v1-alpha'))
    expect(described.toSorted()).toEqual(wanted.toSorted())
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(described.length)
  })

  it('names every schema, and refers only to names that it has', async () => {
    const document = await read<OpenApi>('/flota/v1/openapi.json')
    expect(Object.keys(document.components.schemas).toSorted()).toEqual(Object.keys(namedSchemas).toSorted())
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(20)
    for (const [, name = ''] of references) expect(Object.keys(namedSchemas)).toContain(name)
  })

  it('says what each status means', async () => {
    const { paths } = await read<OpenApi>('/flota/v1/openapi.json')
    for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      expect(operation.summary).not.toBe('')
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect([status, description]).toEqual([status, meaningOf[status]])
      }
    }
  })
})

describe('the discovery document', () => {
  interface Discovery {
    readonly schemas: Readonly<Record<string, { readonly properties: object }>>
    readonly resources: Readonly<Record<string, { readonly methods: Readonly<Record<string, Method>> }>>
  }
  interface Method {
    readonly httpMethod: string
    readonly path: string
  }

  it('has every member of the bodies that the routes use', async () => {
    const { schemas } = await read<Discovery>('/fleet/v1/discovery')
    for (const [name, members] of Object.entries(fleetMembers)) {
      expect(Object.keys(schemas[name]?.properties ?? {})).toEqual(members)
      expect(members.toSorted()).toEqual(Object.keys(namedSchemas[name]?.properties ?? {}).toSorted())
    }
  })

  it('names only methods that are registered', async () => {
    const { resources } = await read<Discovery>('/v1-alpha/discovery')
    const methods = Object.values(resources).flatMap((resource) => Object.values(resource.methods))
    expect(methods).toHaveLength(7)
    for (const { httpMethod, path } of methods) {
      expect(registered).toContain(`${httpMethod.toLowerCase()} /fleet/v1/${path.replace('{unitName}', '{name}')}`)
    }
  })
})

import swagger from '@fastify/swagger'
import type { SwaggerTransform } from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { TSchema } from 'typebox'
import type { Api } from './api-scope.ts'
import { refuseOtherMethods } from './methods.ts'
import { namedSchemas, openApiSchema } from './schemas.ts'

/** Collects the routes that are registered after it into an OpenAPI 3.1 document, made from the schemas that they use. */
export function collectOpenApi(app: FastifyInstance, version: string): void {
  const schemas = Object.fromEntries([...nameOf].map(([schema, name]) => [name, withReferences(schema, true)]))
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Flota', version, description: 'The API of fleet (/fleet/v1), and what Flota adds (/flota/v1).' },
      components: { schemas: schemas as Record<string, object> },
    },
    transform: describeRoute,
  })
}

export function registerOpenApi(app: Api): void {
  const path = '/flota/v1/openapi.json'
  const schema = { operationId: 'getOpenApi', summary: 'This document', response: { 200: openApiSchema } }
  app.get(path, { schema }, () => Promise.resolve(app.swagger() as object))
  refuseOtherMethods(app, { path, allowed: ['GET'], message: 'only GET supported against this resource' })
}

/** What each status means to a caller, in the words of docs/errors.md. */
export const meaningOf: Readonly<Record<string, string>> = {
  200: 'What was asked for',
  201: 'Created, or replaced by other content',
  204: 'Done',
  400: 'The input is wrong; asking again gives the same answer',
  404: 'There is no such thing',
  409: 'Right input, wrong state of the system',
  415: 'The body is not declared as JSON',
  503: 'The store is away; retry later',
}

const nameOf: ReadonlyMap<object, string> = new Map(
  Object.entries(namedSchemas).map(([name, schema]) => [schema, name]),
)

/** Routes without an operation of their own (refused methods, the old name `/v1-alpha`) are not described. */
const describeRoute: SwaggerTransform = ({ schema, url }) => {
  const described = schema as FastifySchema | undefined
  if (described?.response === undefined || url.startsWith('/v1-alpha')) return { schema: { hide: true }, url }
  const response = described.response as Readonly<Record<string, TSchema>>
  const body = described.body === undefined ? {} : { body: withReferences(described.body) }
  return { schema: { ...described, ...body, response: describeAnswers(response) }, url }
}

function describeAnswers(response: Readonly<Record<string, TSchema>>): Record<string, object> {
  const answers = Object.entries(response).map(([status, schema]) => {
    const description = meaningOf[status] ?? ''
    if ('type' in schema && schema.type === 'null') return [status, { description, type: 'null' }]
    const type = 'contentType' in schema ? String(schema.contentType) : 'application/json'
    return [status, { description, content: { [type]: { schema: withReferences(schema) } } }]
  })
  return Object.fromEntries(answers) as Record<string, object>
}

/** The schema with each named schema in it as a reference. `isRoot`: the definition itself. */
function withReferences(schema: unknown, isRoot = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item))
  if (typeof schema !== 'object' || schema === null) return schema
  const name = nameOf.get(schema)
  if (name !== undefined && !isRoot) return { $ref: `#/components/schemas/${name}` }
  const words = wordsOf(schema)
  if (words !== undefined) return { type: 'string', enum: words }
  const members = Object.entries(schema).filter(([member]) => member !== 'contentType')
  return Object.fromEntries(members.map(([member, value]) => [member, withReferences(value)]))
}

/** A choice of words, which is an enumeration outside of TypeScript. */
function wordsOf(schema: object): readonly string[] | undefined {
  if (!('anyOf' in schema) || !Array.isArray(schema.anyOf)) return undefined
  const words = schema.anyOf.flatMap((word: { const?: unknown }) =>
    typeof word.const === 'string' ? [word.const] : [],
  )
  return words.length === schema.anyOf.length ? words : undefined
}

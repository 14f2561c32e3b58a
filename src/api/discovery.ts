import type { TObject } from 'typebox'
import type { Api } from './api-scope.ts'
import { refuseOtherMethods } from './methods.ts'
import { fleetSchemas } from './schemas.ts'

/** Google's discovery document of fleet's API, from which client libraries are made. */
export function registerDiscovery(app: Api, base: string): void {
  const document = discoveryDocument()
  app.get(`${base}/discovery`, () => Promise.resolve(document))
  refuseOtherMethods(app, {
    path: `${base}/discovery`,
    allowed: ['GET'],
    message: 'only HTTP GET supported against this resource',
    status: 400,
  })
}

function discoveryDocument() {
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: 'fleet:v1',
    name: 'schema',
    version: 'v1',
    title: 'fleet API',
    description: '',
    documentationLink: 'http://github.com/coreos/fleet',
    protocol: 'rest',
    icons: { x16: '', x32: '' },
    labels: [],
    baseUrl: '$ENDPOINT/fleet/v1/',
    basePath: '/fleet/v1/',
    rootUrl: '$ENDPOINT/',
    servicePath: 'fleet/v1/',
    batchPath: 'batch',
    parameters: {},
    auth: {},
    schemas: Object.fromEntries(Object.entries(fleetSchemas).map(([id, schema]) => [id, toGoogleSchema(id, schema)])),
    resources: {
      Machines: { methods: { List: listMethod('Machine', 'machines') } },
      Units: { methods: unitMethods() },
      UnitState: {
        methods: { Get: getMethod('UnitState', 'state'), List: listMethod('UnitState', 'state') },
      },
    },
  }
}

const pageToken = { nextPageToken: { type: 'string', location: 'query' } }
const unitName = {
  parameters: { unitName: { type: 'string', location: 'path', required: true } },
  parameterOrder: ['unitName'],
}

function listMethod(name: string, path: string) {
  return {
    id: `fleet.${name}.List`,
    description: `Retrieve a page of ${name} objects.`,
    httpMethod: 'GET',
    path,
    parameters: pageToken,
    response: { $ref: `${name}Page` },
  }
}

function getMethod(name: string, path: string) {
  return {
    id: `fleet.${name}.Get`,
    description: `Retrieve a single ${name} object.`,
    httpMethod: 'GET',
    path: `${path}/{unitName}`,
    ...unitName,
    response: { $ref: name },
  }
}

function unitMethods() {
  const path = 'units/{unitName}'
  const del = { id: 'fleet.Unit.Delete', description: 'Delete the referenced Unit object.', httpMethod: 'DELETE' }
  const set = { id: 'fleet.Unit.Set', description: 'Create or update a Unit.', httpMethod: 'PUT' }
  return {
    List: listMethod('Unit', 'units'),
    Get: getMethod('Unit', 'units'),
    Delete: { ...del, path, ...unitName },
    Set: { ...set, path, ...unitName, request: { $ref: 'Unit' } },
  }
}

function toGoogleSchema(id: string, schema: TObject) {
  const properties = Object.entries(schema.properties).map(([name, property]) => [name, toGoogleType(property)])
  return { id, type: 'object', properties: Object.fromEntries(properties) as Record<string, unknown> }
}

/** The part of JSON Schema that these schemas use, in the words of the discovery document. */
function toGoogleType(schema: object): Record<string, unknown> {
  if ('anyOf' in schema && Array.isArray(schema.anyOf)) {
    return { type: 'string', enum: schema.anyOf.map((word: { const: string }) => word.const) }
  }
  if ('items' in schema) {
    const [id = ''] = Object.entries(fleetSchemas).find(([, known]) => known === schema.items) ?? []
    return { type: 'array', items: { $ref: id } }
  }
  if ('patternProperties' in schema) {
    return { type: 'object', properties: {}, additionalProperties: { type: 'string' } }
  }
  return { type: 'string' }
}

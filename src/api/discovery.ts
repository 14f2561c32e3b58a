import type { Api } from './api-scope.ts'
import { refuseOtherMethods } from './methods.ts'
import { discoverySchema, namedSchemas } from './schemas.ts'

/** Google's discovery document of fleet's API, from which client libraries are made. */
export function registerDiscovery(app: Api, base: string): void {
  const document = discoveryDocument()
  const summary = "Google's discovery document of fleet's API"
  const schema = { operationId: 'getDiscovery', summary, response: { 200: discoverySchema } }
  // In fleet's form: indented, with a newline at its end.
  const serializerCompiler = () => (body: unknown) => `${JSON.stringify(body, undefined, 2)}\n`
  app.get(`${base}/discovery`, { schema, serializerCompiler }, () => Promise.resolve(document))
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
    schemas: Object.fromEntries(Object.entries(fleetMembers).map(([id, members]) => [id, toGoogleSchema(id, members)])),
    resources: {
      Machines: { methods: { List: listMethod('Machine', 'machines') } },
      Units: { methods: unitMethods() },
      UnitState: { methods: stateMethods() },
    },
  }
}

/** fleet's schemas and their members, in the order of fleet's own document. */
export const fleetMembers: Readonly<Record<string, readonly string[]>> = {
  Machine: ['id', 'primaryIP', 'metadata'],
  MachinePage: ['machines', 'nextPageToken'],
  UnitOption: ['section', 'name', 'value'],
  Unit: ['name', 'options', 'desiredState', 'currentState', 'machineID'],
  UnitPage: ['units', 'nextPageToken'],
  UnitState: ['name', 'hash', 'machineID', 'systemdLoadState', 'systemdActiveState', 'systemdSubState'],
  UnitStatePage: ['states', 'nextPageToken'],
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

function stateMethods() {
  const text = { type: 'string', location: 'query' }
  const list = listMethod('UnitState', 'state')
  return {
    Get: { ...getMethod('UnitState', 'state'), description: 'Retrieve a page of a single UnitState object.' },
    List: { ...list, parameters: { ...pageToken, unitName: text, machineID: text } },
  }
}

function toGoogleSchema(id: string, members: readonly string[]) {
  const types = namedSchemas[id]?.properties ?? {}
  const properties = members.map((name) => [name, toGoogleType(types[name] ?? {})])
  return { id, type: 'object', properties: withRequired(id, Object.fromEntries(properties) as GoogleTypes) }
}

type GoogleTypes = Record<string, Record<string, unknown>>

/** fleet says of one member that it is always there. It is not, but clients were made from this document. */
function withRequired(id: string, properties: GoogleTypes): GoogleTypes {
  return id === 'Unit' ? { ...properties, machineID: { ...properties['machineID'], required: true } } : properties
}

/** The part of JSON Schema that these schemas use, in the words of the discovery document. */
function toGoogleType(schema: object): Record<string, unknown> {
  if ('anyOf' in schema && Array.isArray(schema.anyOf)) {
    return { type: 'string', enum: schema.anyOf.map((word: { const: string }) => word.const) }
  }
  if ('items' in schema) {
    const [id = ''] = Object.entries(namedSchemas).find(([, known]) => known === schema.items) ?? []
    return { type: 'array', items: { $ref: id } }
  }
  if ('patternProperties' in schema) {
    return { type: 'object', properties: {}, additionalProperties: { type: 'string' } }
  }
  return { type: 'string' }
}

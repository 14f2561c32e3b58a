import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codecs } from '../../src/store/codec.ts'
import { keyPrefix, keys } from '../../src/store/keys.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { parseUnitName } from '../../src/unit/unit-name.ts'
import { waitFor } from '../real/wait-for.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
beforeEach(async () => {
  cluster = await InProcessCluster.open()
})
afterEach(() => cluster.close())

const json = { 'content-type': 'application/json' }
const sleep = [
  { section: 'Unit', name: 'Description', value: 'hello' },
  { section: 'Service', name: 'ExecStart', value: '/bin/sleep 3600' },
]

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(method: Method, url: string, { body, headers = json }: Sent = {}) {
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
  const answer = await cluster.api.inject({ method, url, headers: body === undefined ? {} : headers, ...payload })
  const type = answer.headers['content-type']
  return { status: answer.statusCode, body: answer.body, type, server: answer.headers.server }
}

const error = (code: number, message: string) => JSON.stringify({ error: { code, message } })
const put = (name: string, body: unknown) => ask('PUT', `/fleet/v1/units/${name}`, { body })

describe('paths and methods', () => {
  const onlyGet = 'only GET supported against this resource'
  const rows: readonly (readonly [Method, string, number, string])[] = [
    ['GET', '/', 405, ''],
    ['POST', '/fleet/v1', 405, ''],
    ['GET', '/v1-alpha', 405, ''],
    ['GET', '/fleet/v1/', 404, ''],
    ['GET', '/nosuch', 404, ''],
    ['POST', '/FLEET/v1/units', 404, ''],
    ['GET', '/fleet/v1/units/', 404, ''],
    ['GET', '/fleet/v1/units/a/b', 404, ''],
    ['GET', '/fleet/v1/units/a%2Fb.service', 404, ''],
    ['DELETE', '/fleet/v1/units/a.service/', 404, ''],
    ['POST', '/fleet/v1/units', 405, onlyGet],
    ['PUT', '/v1-alpha/units', 405, onlyGet],
    ['POST', '/fleet/v1/units/a.service', 405, 'only GET, PUT and DELETE supported against this resource'],
    ['OPTIONS', '/fleet/v1/state', 405, onlyGet],
    ['PUT', '/fleet/v1/state/a.service', 405, onlyGet],
    ['PUT', '/fleet/v1/machines', 405, 'only GET and PATCH supported against this resource'],
    ['POST', '/fleet/v1/discovery', 400, 'only HTTP GET supported against this resource'],
    ['GET', '/fleet/v1/units/none.service', 404, 'unit does not exist'],
    ['GET', '/fleet/v1/units/%5Bx.service', 404, 'unit does not exist'],
    ['DELETE', '/fleet/v1/units/foo', 404, 'unit does not exist'],
    ['GET', '/fleet/v1/state/none.service', 404, 'unit state does not exist'],
  ]
  it.each(rows)('%s %s is answered %i %s', async (...[method, url, status, message]) => {
    expect(await ask(method, url)).toEqual({
      status,
      body: error(status, message),
      type: 'application/json',
      server: 'fleetd/1.2.3',
    })
  })

  it('HEAD is a method like any other that is not supported', async () => {
    expect((await ask('HEAD', '/fleet/v1/units')).status).toBe(405)
    expect((await ask('HEAD', '/fleet/v1/units/none.service')).status).toBe(405)
  })

  it('an empty list is an empty object, whatever the query says', async () => {
    expect((await ask('GET', '/fleet/v1/units?foo=bar')).body).toBe('{}')
    expect((await ask('GET', '/v1-alpha/state?alt=json')).body).toBe('{}')
  })

  it('the discovery document names every resource', async () => {
    const document: unknown = JSON.parse((await ask('GET', '/fleet/v1/discovery')).body)
    expect(document).toMatchObject({
      kind: 'discovery#restDescription',
      id: 'fleet:v1',
      schemas: {
        Machine: { properties: { metadata: { type: 'object', additionalProperties: { type: 'string' } } } },
        Unit: {
          properties: {
            options: { type: 'array', items: { $ref: 'UnitOption' } },
            desiredState: { enum: ['inactive', 'loaded', 'launched'] },
          },
        },
        UnitStatePage: { properties: { states: { items: { $ref: 'UnitState' } } } },
      },
      resources: { Units: { methods: { Set: { httpMethod: 'PUT', request: { $ref: 'Unit' } } } } },
    })
  })
})

describe('PUT of a unit', () => {
  const create = { options: sleep }
  it.each([
    ['no type', {}, 'expected 1 Content-Type, got 0'],
    ['plain text', { 'content-type': 'text/plain' }, 'only acceptable Content-Type is application/json'],
    ['upper case', { 'content-type': 'Application/JSON' }, 'only acceptable Content-Type is application/json'],
    ['an empty type', { 'content-type': '' }, 'only acceptable Content-Type is application/json'],
  ])('refuses %s', async (_, headers, message) => {
    const answer = await ask('PUT', '/fleet/v1/units/a.service', { body: create, headers })
    expect([answer.status, answer.body]).toEqual([415, error(415, message)])
  })

  it.each(['application/json; charset=utf-8', 'application/json ;x'])('takes %s', async (type) => {
    expect(
      (await ask('PUT', '/fleet/v1/units/a.service', { body: create, headers: { 'content-type': type } })).status,
    ).toBe(201)
  })

  it.each([
    ['', 400, 'unable to decode body: EOF'],
    ['null', 409, 'unit does not exist and options field empty'],
    ['{}', 409, 'unit does not exist and options field empty'],
    ['{"name":"b.service"}', 400, 'name in URL "a.service" differs from unit name in request body "b.service"'],
    ['{"options":null}', 409, 'unit does not exist and options field empty'],
    [
      '{"options":[{"section":"Unit","name":"A","value":"b"}],"desiredState":"foo"}',
      400,
      'invalid value "foo" for desiredState',
    ],
  ])('of %s is answered %i %s and changes nothing', async (body, status, message) => {
    const before = (await cluster.store.read({ prefix: keyPrefix })).revision
    const answer = await ask('PUT', '/fleet/v1/units/a.service', { body })
    expect([answer.status, answer.body]).toEqual([status, error(status, message)])
    expect((await cluster.store.read({ prefix: keyPrefix })).revision).toBe(before)
  })

  it.each(['{', '[]', '"x"', '1', '{"name":1}', '{"options":{}}', '{"options":[1]}'])(
    'of %s is a body that cannot be decoded',
    async (body) => {
      const answer = await ask('PUT', '/fleet/v1/units/a.service', { body })
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('unable to decode body: ')])
    },
  )

  it.each([
    ['foo', 'unit name must contain "."'],
    ['foo.', 'unit name cannot end in "."'],
    ['foo.bar', 'invalid unit type: "bar"'],
    ['foo!.service', "invalid character '!' in unit name"],
    ['@.service', 'unit name cannot start in "@"'],
    ['a@.mount', 'invalid unit type for template: "mount"'],
    ['%C3%BC.service', "invalid character 'ü' in unit name"],
    [`${'x'.repeat(249)}.service`, 'unit name exceeds maximum length (256)'],
  ])('named %s is refused', async (name, message) => {
    const answer = await put(name, create)
    expect([answer.status, answer.body]).toEqual([400, error(400, message)])
  })

  it.each([
    [
      [
        ['Global', 'true'],
        ['Replaces', 'b'],
      ],
      'Global cannot be used with Replaces',
    ],
    [
      [
        ['Conflicts', 'a'],
        ['Replaces', 'b'],
      ],
      'Conflicts cannot be used with Replaces',
    ],
    [
      [
        ['MachineOf', 'a.service'],
        ['Conflicts', 'a*'],
      ],
      'unresolvable requirements: peer "a.service" matches conflict "a*"',
    ],
  ])('with requirements %j is refused', async (requirements, message) => {
    const options = requirements.map(([name, value]) => ({ section: 'X-Fleet', name, value }))
    const answer = await put('o.service', { options: [...sleep, ...options] })
    expect([answer.status, answer.body]).toEqual([400, error(400, message)])
  })

  it('creates, reads back, replaces, refuses nothing new, deletes', async () => {
    expect(await put('a.service', create)).toMatchObject({ status: 201, body: '' })
    const unit =
      '{"currentState":"inactive","desiredState":"inactive","name":"a.service","options":[{"name":"Description","section":"Unit","value":"hello"},{"name":"ExecStart","section":"Service","value":"/bin/sleep 3600"}]}'
    expect((await ask('GET', '/fleet/v1/units/a.service')).body).toBe(unit)
    expect((await ask('GET', '/v1-alpha/units')).body).toBe(`{"units":[${unit}]}`)
    expect((await put('a.service', create)).body).toBe(error(409, 'must provide DesiredState to update existing unit'))
    expect((await put('a.service', {})).status).toBe(409)
    expect((await put('a.service', { options: [sleep[1]] })).status).toBe(201)
    expect((await put('a.service', { desiredState: 'loaded', options: [sleep[1]] })).status).toBe(204)
    expect(
      (await ask('DELETE', '/fleet/v1/units/a.service', { body: 'x', headers: { 'content-type': 'text/plain' } }))
        .status,
    ).toBe(204)
    expect((await ask('DELETE', '/fleet/v1/units/a.service')).status).toBe(404)
  })

  it('never lets a template be active', async () => {
    const refused = error(400, 'cannot activate template "t@.service"')
    expect((await put('t@.service', { ...create, desiredState: 'launched' })).body).toBe(refused)
    expect((await put('t@.service', create)).status).toBe(201)
    expect((await put('t@.service', { desiredState: 'launched' })).body).toBe(refused)
    expect((await put('t@.service', { desiredState: 'inactive' })).status).toBe(204)
  })

  it('writes the text with the unit, and raises the generation with each new start only', async () => {
    const key = keys.unit(parseUnitName('a.service'))
    const record = async () => codecs.unit.decode((await cluster.store.read({ key })).entries[0]?.value ?? '')
    await put('a.service', { ...create, desiredState: 'launched' })
    const { hash } = await record()
    const [file] = (await cluster.store.read({ key: keys.file(hash) })).entries
    expect(file?.value).toBe('[Unit]\nDescription=hello\n\n[Service]\nExecStart=/bin/sleep 3600\n')
    const generations = [(await record()).generation]
    for (const desiredState of ['launched', 'loaded', 'launched', 'inactive', 'launched']) {
      await put('a.service', { desiredState })
      generations.push((await record()).generation)
    }
    await put('a.service', { options: [sleep[1]], desiredState: 'launched' })
    generations.push((await record()).generation)
    expect(generations).toEqual([1, 1, 1, 2, 2, 3, 4])
  })

  it('loses no write when many come at once', async () => {
    await put('a.service', create)
    const words = ['loaded', 'launched', 'inactive', 'launched', 'loaded', 'launched']
    const answers = await Promise.all(words.map((desiredState) => put('a.service', { desiredState })))
    expect(answers.map(({ status }) => status)).toEqual(words.map(() => 204))
  })
})

describe('a unit that is placed', () => {
  it('has its machine and its states', async () => {
    cluster.live()
    await put('a.service', { options: sleep, desiredState: 'launched' })
    const machine = '13135a8d34da09b98cde21be81866ed7'
    const launched = async () =>
      (await ask('GET', '/fleet/v1/units/a.service')).body.includes('"currentState":"launched"') ? true : undefined
    await waitFor('the unit to be launched', launched, 5_000)
    const state = `{"hash":"47f0084368692956938df2280fe087a88a685237","machineID":"${machine}","name":"a.service","systemdActiveState":"active","systemdLoadState":"loaded","systemdSubState":"running"}`
    expect((await ask('GET', '/fleet/v1/state/a.service')).body).toBe(state)
    expect((await ask('GET', `/fleet/v1/state?machineID=${machine}&unitName=a.service`)).body).toBe(
      `{"states":[${state}]}`,
    )
    expect((await ask('GET', '/fleet/v1/state?machineID=13135a8d')).body).toBe('{}')
    expect((await ask('GET', '/fleet/v1/units/a.service')).body).toContain(`"machineID":"${machine}"`)
    expect(JSON.parse((await ask('GET', '/flota/v1/units/a.service/why')).body)).toEqual({
      name: 'a.service',
      desiredState: 'launched',
      currentState: 'launched',
      isGlobal: false,
      generation: 1,
      places: [
        {
          machineID: machine,
          primaryIP: '10.77.0.11',
          phase: 'placed',
          reason: 'fewest units',
          state: { load: 'loaded', active: 'active', sub: 'running' },
        },
      ],
    })
  })
})

describe('machines', () => {
  const [eu, bare] = ['13135a8d34da09b98cde21be81866ed7', '833c7ef0d145fca2254083a6adac2480'] as const
  const patch = (body: unknown) => ask('PATCH', '/fleet/v1/machines', { body, headers: {} })

  it('are listed by id, without what is empty', async () => {
    expect((await ask('GET', '/fleet/v1/machines')).body).toBe(
      `{"machines":[{"id":"${eu}","metadata":{"disk":"ssd","region":"eu"},"primaryIP":"10.77.0.11"},{"id":"${bare}","primaryIP":"10.77.0.13"},{"id":"f54a0ebf67ca0dee8ff866ffd1017002","metadata":{"region":"us"},"primaryIP":"10.77.0.12"}]}`,
    )
  })

  it('take metadata in both forms, and a removed key hides the static one', async () => {
    const path = (id: string, key: string) => `/${id}/metadata/${key}`
    const answer = await patch([
      { op: 'add', path: path(bare, 'foo'), value: 'bar' },
      { op: 'replace', path: path(eu, 'region'), value: { value: 'mars' } },
      { op: 'remove', path: path(eu, 'disk') },
    ])
    expect(answer).toMatchObject({ status: 204, body: '', type: 'application/json' })
    const machines = (await ask('GET', '/fleet/v1/machines')).body
    expect(machines).toContain(`{"id":"${eu}","metadata":{"region":"mars"},`)
    expect(machines).toContain(`{"id":"${bare}","metadata":{"foo":"bar"},`)
    const { entries } = await cluster.store.read({ key: keys.machineMetadata(parseMachineId(eu)) })
    expect(codecs.metadata.decode(entries[0]?.value ?? '').metadata).toEqual({ region: 'mars', disk: '' })
  })

  it.each([
    ['', 'EOF'],
    ['[{"op":"noop","path":"/x/metadata/y"}]', 'invalid op: expect add, remove, or replace'],
    ['[{"op":"add","path":"/x/foo","value":"y"}]', 'machine metadata path invalid'],
    [`[{"op":"add","path":"/${eu}/metadata/foo","value":""}]`, 'invalid value: add and replace require a value'],
    ['{}', 'a list of operations is expected'],
  ])('refuse %s', async (body, message) => {
    const answer = await patch(body)
    expect([answer.status, answer.body]).toEqual([400, error(400, message)])
  })
})

describe('pages', () => {
  it.each([
    ['nextPageToken=', 'EOF'],
    ['nextPageToken=x', 'illegal base64 data at input byte 0'],
    ['nextPageToken=AAAA', 'unexpected EOF'],
    ['nextPageToken=ZAAAAA==', 'token page must be greater than zero'],
    ['nextPageToken=ZAABAA', 'illegal base64 data at input byte 4'],
    ['nextPageToken=EwBMLg==', 'token limit must be 100'],
    ['nextPageToken=ZAD//w==', 'illegal base64 data at input byte 3'],
    ['nextPageToken=ZAABAA==&nextPageToken=ZAABAA==', 'too many values for page token'],
  ])('%s is refused with %s on every list', async (query, message) => {
    for (const list of ['machines', 'units', 'state']) {
      expect((await ask('GET', `/fleet/v1/${list}?${query}`)).body).toBe(error(400, message))
    }
  })

  it.each(['ZAACAA==', 'ZAD__w=='])('page %s is beyond the end and empty', async (token) => {
    expect((await ask('GET', `/fleet/v1/units?nextPageToken=${token}`)).body).toBe('{}')
  })

  it('a full page names the next one, also when that will be empty', async () => {
    await cluster.close()
    cluster = await InProcessCluster.open(undefined, 2)
    for (const name of ['b', 'a']) await put(`${name}.service`, { options: sleep })
    const first = JSON.parse((await ask('GET', '/fleet/v1/units')).body) as { nextPageToken: string; units: unknown[] }
    expect(first).toMatchObject({ nextPageToken: 'AgACAA==', units: [{ name: 'a.service' }, { name: 'b.service' }] })
    expect((await ask('GET', '/fleet/v1/units?nextPageToken=AgACAA==')).body).toBe('{}')
    const machines = JSON.parse((await ask('GET', '/fleet/v1/machines?nextPageToken=AgACAA==')).body) as object
    expect(machines).toEqual({ machines: [expect.objectContaining({ primaryIP: '10.77.0.12' })] })
  })
})

describe('routes', () => {
  const nano = { units: ['nano-container@*.service'], port: 8443, scheme: 'https' }
  it('are set, listed with what the balancers say, and removed', async () => {
    expect((await ask('PUT', '/flota/v1/routes/nano', { body: nano })).status).toBe(201)
    expect((await ask('PUT', '/flota/v1/routes/nano', { body: nano })).status).toBe(204)
    for (const n of [1, 2]) await put(`nano-container@${n}.service`, { options: sleep, desiredState: 'launched' })
    const list = async () => JSON.parse((await ask('GET', '/flota/v1/routes')).body) as unknown
    expect(await list()).toEqual({ routes: [{ name: 'nano', ...nano, healthy: 0, total: 2 }] })
    const machine = parseMachineId('f54a0ebf67ca0dee8ff866ffd1017002')
    const endpoint = { unit: parseUnitName('nano-container@1.service'), machine, address: '10.77.0.12', port: 8443 }
    const routes = { nano: { healthy: [endpoint], unhealthy: [] } }
    const value = codecs.balancer.encode({ revision: '1', address: '10.77.0.12', routes })
    await cluster.store.commit({ operations: [{ kind: 'put', key: keys.balancer(machine), value }] })
    expect(await list()).toEqual({
      routes: [{ name: 'nano', ...nano, url: 'https://10.77.0.12/', healthy: 1, total: 2 }],
    })
    expect((await ask('DELETE', '/flota/v1/routes/nano')).status).toBe(204)
    expect(await list()).toEqual({ routes: [] })
  })

  it.each([
    ['PUT', '/flota/v1/routes/nano', { ...nano, port: 99_999 }, 400, 'port'],
    ['PUT', '/flota/v1/routes/nano', { ...nano, scheme: 'gopher' }, 400, 'scheme'],
    ['PUT', '/flota/v1/routes/nano', { ...nano, units: [] }, 400, 'units'],
    ['PUT', '/flota/v1/routes/No', nano, 400, "Cannot use route name 'No'"],
    ['DELETE', '/flota/v1/routes/none', undefined, 404, "Cannot remove route 'none'"],
    ['POST', '/flota/v1/routes', undefined, 405, 'only GET supported'],
    ['GET', '/flota/v1/routes/nano', undefined, 405, 'only PUT and DELETE supported'],
    ['GET', '/flota/v1/units/none.service/why', undefined, 404, 'unit does not exist'],
  ] as const)('%s %s %j is answered %i %s', async (...[method, url, body, status, words]) => {
    const answer = await ask(method, url, { body })
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(words)])
  })
})

describe('without a store', () => {
  it('every request is answered 503, and nothing with an empty 500', async () => {
    cluster.isAway = true
    const away = error(503, 'fleet server unable to communicate with etcd')
    for (const path of ['units', 'units/a.service', 'state', 'state/a.service', 'machines']) {
      expect(await ask('GET', `/fleet/v1/${path}`)).toMatchObject({ status: 503, body: away })
    }
    expect(await put('a.service', { options: sleep })).toMatchObject({ status: 503, body: away })
    expect(await ask('DELETE', '/fleet/v1/units/a.service')).toMatchObject({ status: 503, body: away })
    const why = await ask('GET', '/flota/v1/units/a.service/why')
    expect([why.status, why.body]).toEqual([503, expect.stringContaining('the store is away')])
  })

  it('an error that nobody foresaw has a message', async () => {
    await cluster.store.commit({
      operations: [{ kind: 'put', key: keys.unit(parseUnitName('a.service')), value: 'nonsense' }],
    })
    const answer = await ask('PUT', '/fleet/v1/units/a.service', { body: { desiredState: 'loaded' } })
    expect(answer.status).toBe(500)
    expect((JSON.parse(answer.body) as { error: { message: string } }).error.message).not.toBe('')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestApi } from '../../src/api/test-api.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { codecs } from '../../src/store/codec.ts'
import { keyPrefix, keys } from '../../src/store/keys.ts'
import { hashUnitText } from '../../src/unit/hash.ts'
import { parseUnitName } from '../../src/unit/unit-name.ts'
import { mutate } from './api/mutations.ts'
import { Random } from './api/random.ts'
import type { Answer } from './api/send.ts'
import { send } from './api/send.ts'
import type { RawRequest } from './api/valid-requests.ts'
import { machine, makers } from './api/valid-requests.ts'

const isProof = process.env['FLOTA_PROOF'] === '1'
const forMs = isProof ? 60_000 : 2_500
const seed = Number(process.env['FLOTA_SEED'] ?? (isProof ? Date.now() % 2 ** 31 : 20))

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, unknown>>
}

type Weather = 'calm' | 'away' | 'busy'

let api: TestApi
let documented: ReadonlySet<string>
let weather: Weather = 'calm'
/** `operation status` of every answer that an operation gave. */
const met = new Set<string>()

beforeAll(async () => {
  api = await TestApi.listen((app) =>
    app.addHook('onResponse', async (request, reply) => {
      const operation = request.routeOptions.schema as { readonly operationId?: string } | undefined
      // Sent on to a cleaner path: no answer of the operation.
      if (operation?.operationId !== undefined && reply.statusCode !== 301)
        met.add(`${operation.operationId} ${reply.statusCode}`)
      return Promise.resolve()
    }),
  )
  const commit = api.store.commit.bind(api.store)
  api.store.commit = async (wanted, signal) =>
    weather === 'busy' ? { kind: 'conflict', revision: api.store.revision } : commit(wanted, signal)
  await commit({ operations: runningUnit() })
  documented = await readDocumented()
})
afterAll(() => api.close())

function runningUnit() {
  const id = parseMachineId(machine)
  const unit = parseUnitName('a.service')
  const text = '[Service]\nExecStart=/bin/sleep 1\n'
  const hash = hashUnitText(text)
  const wanted = { hash, desired: 'launched', generation: 1 } as const
  const record = { nonce: 'n', firstSeen: '', publicIp: '10.0.0.1', metadata: { disk: 'hdd' }, version: '1' }
  const state = { load: 'loaded', active: 'active', sub: 'running', hash, generation: 1, since: '' }
  const entries = [
    [keys.file(hash), text],
    [keys.unit(unit), codecs.unit.encode(wanted)],
    [keys.machineRecord(id), codecs.record.encode(record)],
    [keys.machinePresence(id), codecs.presence.encode({ bootId: 'b', isReady: true, nonce: 'n' })],
    [keys.schedule(id, unit), codecs.schedule.encode({ ...wanted, phase: 'placed', reason: 'r' })],
    [keys.state(id, unit), codecs.state.encode(state)],
  ] as const
  return entries.map(([key, value]) => ({ kind: 'put' as const, key, value }))
}

async function readDocumented(): Promise<ReadonlySet<string>> {
  const answer = await api.app.inject({ method: 'GET', url: '/flota/v1/openapi.json' })
  const operations = Object.values(answer.json<OpenApi>().paths).flatMap((methods) => Object.values(methods))
  return new Set(
    operations.flatMap(({ operationId, responses }) => Object.keys(responses).map((s) => `${operationId} ${s}`)),
  )
}

const unmet = (): readonly string[] => [...documented].filter((answer) => !met.has(answer))

async function everything(): Promise<string> {
  const isAway = api.store.isAway
  api.store.isAway = false
  const { entries } = await api.store.read({ prefix: keyPrefix })
  api.store.isAway = isAway
  return entries.map(({ key, value, modRevision }) => `${key} ${modRevision} ${value}`).join('\n')
}

/** What is wrong with an answer; nothing when it is as it should be. */
function faultOf(request: RawRequest, answer: Answer): string | undefined {
  const { status, type, body } = answer
  if (status >= 500 && !(status === 503 && weather === 'away'))
    return 'a status that is not 503 while the store is away'
  if (status < 400) return undefined
  if (type !== 'application/json') return `an error of type '${type}'`
  if (request.method === 'HEAD') return undefined
  const { error } = JSON.parse(body) as { readonly error: { readonly code: number; readonly message: string } }
  if (error.code !== status) return 'another code in the body'
  return error.message === '' && status !== 404 && status !== 405 ? 'an error without a message' : undefined
}

async function tryOne(random: Random): Promise<void> {
  // Half of the time what was not met yet, so that the rare ones are not left to luck.
  const wanted = unmet().map((answer) => answer.split(' ')[0] ?? '')
  const operation = (random.chance(0.5) ? random.pick(wanted) : undefined) ?? random.pick(Object.keys(makers)) ?? ''
  const valid = makers[operation]?.(random)
  if (valid === undefined) throw new Error(`no maker for ${operation}`)
  const request = random.chance(0.5) ? mutate(valid, random) : valid
  weather = random.chance(0.9) ? 'calm' : random.pick(['away', 'busy'] as const)
  api.store.isAway = weather === 'away'
  const before = await everything()
  const answer = await send(api.socketPath, request)
  // Left by the reader before its end, which is no end to the server's hooks.
  if (answer.type === 'text/event-stream') met.add('watchEvents 200')
  const isRefused = answer.status >= 400 || request.method === 'GET' || request.method === 'HEAD'
  const isChanged = isRefused && before !== (await everything())
  const fault = isChanged ? 'a change of the store' : faultOf(request, answer)
  if (fault !== undefined) throw new Error(`${fault}: ${describeExchange(request, answer)}`)
}

function describeExchange({ method, path, headers, body }: RawRequest, answer: Answer): string {
  const sent = `${method} ${path} ${JSON.stringify(headers)} ${body?.toString('latin1').slice(0, 500) ?? ''}`
  return `seed ${seed}, store ${weather}\n${sent}\n-> ${answer.status} ${answer.type} ${answer.body.slice(0, 500)}`
}

describe('the API under requests of which half are wrong', () => {
  it(
    'answers each with a documented status, and what it refuses changes nothing',
    async () => {
      const random = new Random(seed)
      const untilMs = performance.now() + forMs
      let count = 0
      const isEnough = () =>
        performance.now() > untilMs && (unmet().length === 0 || performance.now() > untilMs + 15_000)
      for (; !isEnough(); count++) await tryOne(random)
      weather = 'calm'
      api.store.isAway = false
      console.log(`API fuzz: ${count} requests, ${met.size} kinds of answers, seed ${seed}`)
      expect([...met].filter((answer) => !documented.has(answer))).toEqual([])
      expect(unmet()).toEqual([])
    },
    forMs + 20_000,
  )

  it('knows a valid request for every operation', () => {
    const operations = new Set([...documented].map((answer) => answer.split(' ')[0]))
    expect([...operations].toSorted()).toEqual(Object.keys(makers).toSorted())
  })
})

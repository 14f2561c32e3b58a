import http from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../test/real/wait-for.ts'
import type { UnitRecord } from '../cluster/records.ts'
import { parseMachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import { hashUnitText } from '../unit/hash.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import { TestApi } from './test-api.ts'

let api: TestApi
let readers: Reader[]
beforeEach(async () => {
  api = await TestApi.listen()
  readers = []
})
afterEach(async () => {
  for (const reader of readers) reader.leave()
  await api.close()
})

interface Event {
  readonly id: string | undefined
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Reads server-sent events as a browser does. */
class Reader {
  readonly answer: IncomingMessage
  isEnded = false
  text = ''

  constructor(answer: IncomingMessage) {
    this.answer = answer
    answer.setEncoding('utf8')
    answer.on('data', (chunk: string) => (this.text += chunk))
    answer.on('error', () => {})
    answer.on('end', () => (this.isEnded = true))
  }

  get events(): readonly Event[] {
    return this.text
      .slice(0, this.text.lastIndexOf('\n\n') + 1)
      .split('\n\n')
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string])))
      .filter((fields) => fields['event'] !== undefined)
      .map(({ id, event = '', data = '' }) => ({ id, name: event, data: JSON.parse(data) as Event['data'] }))
  }

  leave(): void {
    this.answer.destroy()
  }
}

async function open(query = '', headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/flota/v1/events${query}`
    http.get({ socketPath: api.socketPath, path, headers }, resolve).on('error', reject)
  })
  const reader = new Reader(answer)
  readers.push(reader)
  return reader
}

const machine = parseMachineId('a'.repeat(32))
const hash = hashUnitText('[Service]\nExecStart=/bin/true\n')
const unitRecord: UnitRecord = { hash, desired: 'launched', generation: 1 }

async function putUnit(name: string): Promise<bigint> {
  const operation = { key: keys.unit(parseUnitName(name)), value: codecs.unit.encode(unitRecord) }
  return (await api.store.commit({ operations: [{ kind: 'put', ...operation }] })).revision
}

const names = (reader: Reader) => reader.events.map(({ name, data }) => [name, data['name']].join(' ').trim())

describe('the events of a cluster', () => {
  it('begin with a reset that says where they begin, and then tell each change', async () => {
    const reader = await open()
    expect(reader.answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    await waitFor('the reset', () => reader.events.length === 1)
    expect(reader.events[0]).toMatchObject({ id: '1', name: 'reset', data: { revision: '1' } })
    const revision = await putUnit('a.service')
    await waitFor('the unit', () => reader.events.length === 2)
    expect(reader.events[1]).toEqual({
      id: revision.toString(),
      name: 'unit',
      data: { revision: revision.toString(), name: 'a.service', desiredState: 'launched', generation: 1, hash },
    })
  })

  it('tell every kind of change, and what is gone', async () => {
    const reader = await open('?from=1')
    const unit = parseUnitName('a.service')
    const place = { hash, generation: 1, reason: 'fewest units' }
    const schedule = codecs.schedule.encode({ ...place, desired: 'launched', phase: 'placed' })
    const state = codecs.state.encode({ load: 'loaded', active: 'active', sub: 'running', since: 's', ...place })
    const record = { nonce: 'secret', firstSeen: '', publicIp: '10.0.0.1', metadata: { disk: 'ssd' }, version: '1' }
    const endpoint = { unit, machine, address: '10.0.0.1', port: 1 }
    const routes = { web: { healthy: [endpoint], unhealthy: [] } }
    const values: readonly (readonly [string, string])[] = [
      [keys.schedule(machine, unit), schedule],
      [keys.state(machine, unit), state],
      [keys.waiting(unit), codecs.waiting.encode({ reason: 'r', rejections: [] })],
      [keys.machineRecord(machine), codecs.record.encode(record)],
      [keys.machinePresence(machine), codecs.presence.encode({ bootId: 'b', isReady: true, nonce: 'secret' })],
      [keys.machineMetadata(machine), codecs.metadata.encode({ metadata: { disk: '' } })],
      [keys.leader, codecs.leader.encode({ machine, version: '1' })],
      [keys.route('web'), codecs.route.encode({ units: ['a*'], port: 80, scheme: 'http' })],
      [keys.balancer(machine), codecs.balancer.encode({ revision: '7', address: '10.0.0.1', routes })],
    ]
    for (const [key, value] of values) await api.store.commit({ operations: [{ kind: 'put', key, value }] })
    await api.store.commit({ operations: values.map(([key]) => ({ kind: 'delete', key })) })
    await waitFor('all events', () => reader.events.length === 2 * values.length)
    const data = reader.events.map(({ name, data: { revision: _, ...rest } }) => ({ name, ...rest }))
    const of = { name: 'a.service', machineID: machine }
    expect(reader.events.map(({ name }) => name).slice(0, values.length)).toEqual([
      ...['place', 'state', 'waiting', 'machine', 'machine', 'machine', 'leader', 'route', 'balancer'],
    ])
    expect(data.slice(0, 6)).toEqual([
      { ...of, desiredState: 'launched', phase: 'placed', ...place },
      {
        ...of,
        ...{ systemdLoadState: 'loaded', systemdActiveState: 'active', systemdSubState: 'running' },
        ...{ since: 's', generation: 1, hash },
      },
      { name: 'a.service', reason: 'r', rejections: [] },
      { name: 'machine', id: machine, part: 'record', primaryIP: '10.0.0.1', metadata: { disk: 'ssd' }, version: '1' },
      { name: 'machine', id: machine, part: 'presence', isReady: true, isUnmanaged: false },
      { name: 'machine', id: machine, part: 'metadata', metadata: { disk: '' } },
    ])
    expect(data.slice(values.length).every((event) => 'isGone' in event)).toBe(true)
    expect(reader.text).not.toContain('secret')
  })

  it('give the id with the last change of a revision only, so that a cut in between loses nothing', async () => {
    const reader = await open('?from=1')
    const operations = ['a.service', 'b.service', 'c.service'].map((name) => {
      return { kind: 'put' as const, key: keys.unit(parseUnitName(name)), value: codecs.unit.encode(unitRecord) }
    })
    const { revision } = await api.store.commit({ operations })
    await waitFor('three events', () => reader.events.length === 3)
    expect(reader.events.map(({ id }) => id)).toEqual([undefined, undefined, revision.toString()])
  })

  it('continue after the revision that the reader knows, and the header wins over the query', async () => {
    const first = await putUnit('a.service')
    const second = await putUnit('b.service')
    const byQuery = await open(`?from=${first}`)
    const byHeader = await open(`?from=${first}`, { 'Last-Event-ID': second.toString() })
    await waitFor('the second', () => byQuery.events.length === 1)
    await putUnit('c.service')
    await waitFor('the third', () => byHeader.events.length === 1)
    await waitFor('both', () => byQuery.events.length === 2)
    expect([names(byQuery), names(byHeader)]).toEqual([['unit b.service', 'unit c.service'], ['unit c.service']])
  })

  it('say "read again" when the revision is no longer kept, and go on from there', async () => {
    await putUnit('a.service')
    const revision = await putUnit('b.service')
    api.store.compact(revision)
    const reader = await open('?from=1')
    await waitFor('the reset', () => reader.events.length === 1)
    expect(reader.events[0]).toMatchObject({ id: revision.toString(), name: 'reset' })
    expect(reader.events[0]?.data['reason']).toBe('what came after revision 1 is no longer kept')
    await putUnit('c.service')
    await waitFor('the next change', () => reader.events.length === 2)
    expect(names(reader)[1]).toBe('unit c.service')
  })

  it('say "read again" to a reader that comes from another store', async () => {
    const reader = await open('', { 'Last-Event-ID': '999' })
    await waitFor('the reset', () => reader.events.length === 1)
    expect(reader.events[0]).toMatchObject({ id: '1', name: 'reset', data: { reason: 'revision 999 is not known' } })
  })

  it('go on where they were when the store comes back', async () => {
    const reader = await open('?from=1')
    await putUnit('a.service')
    await waitFor('the first', () => reader.events.length === 1)
    api.store.breakWatches()
    await putUnit('b.service')
    await waitFor('the second', () => reader.events.length === 2)
    expect(names(reader)).toEqual(['unit a.service', 'unit b.service'])
  })

  it.each(['x', '-1', '1.5', '99999999999999999999'])('refuse to continue from %s', async (from) => {
    const answer = await api.app.inject({ method: 'GET', url: `/flota/v1/events?from=${from}` })
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { error: { code: 400 } }])
  })

  it('are not to be had while the store is away', async () => {
    api.store.isAway = true
    expect((await api.app.inject({ method: 'GET', url: '/flota/v1/events' })).statusCode).toBe(503)
    api.store.isAway = false
  })

  it('end when the API closes, which waits for no reader', async () => {
    const reader = await open()
    await waitFor('the reset', () => reader.events.length === 1)
    const closing = api.app.close()
    await waitFor('the end', () => reader.isEnded)
    await closing
  })

  it('are taken from the store only as fast as the reader reads', async () => {
    let taken = 0
    const watch = api.store.watch.bind(api.store)
    api.store.watch = async function* (...range) {
      for await (const batch of watch(...range)) {
        taken++
        yield batch
      }
    }
    const reader = await open('?from=1')
    reader.answer.pause()
    const value = codecs.waiting.encode({ reason: 'x'.repeat(200_000), rejections: [] })
    const operations = [{ kind: 'put' as const, key: keys.waiting(parseUnitName('a.service')), value }]
    for (let written = 0; written < 50; written++) await api.store.commit({ operations })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(taken).toBeLessThan(20)
    reader.answer.resume()
    await waitFor('all of them', () => reader.text.length > 50 * 200_000 && reader.events.length === 50)
  })
})

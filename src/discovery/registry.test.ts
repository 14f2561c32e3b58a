import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { Registry } from './registry.ts'

const hourMs = 3_600_000
const m1 = { id: 'a1', value: 'm1=http://10.0.0.1:2380' }
const m2 = { id: 'b2', value: 'm2=http://10.0.0.2:2380' }

let dir: string
let clock: ManualClock
const opened: Registry[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flota-registry-'))
  clock = new ManualClock()
})

afterEach(async () => {
  for (const registry of opened.splice(0)) await registry.close().catch(() => {})
  await rm(dir, { recursive: true })
})

async function open(): Promise<Registry> {
  const registry = await Registry.open({ dir, clock, ttlMs: 24 * hourMs })
  opened.push(registry)
  return registry
}

describe('register', () => {
  it('gives each registration the next index, across tokens', async () => {
    const registry = await open()
    const a = await registry.create(3)
    const b = await registry.create(3)
    const first = await registry.register(a.token, m1)
    const second = await registry.register(b.token, m1)
    expect([a.index, b.index, first, second]).toMatchObject([
      1,
      2,
      { kind: 'created', registration: { index: 3 } },
      { kind: 'created', registration: { index: 4 } },
    ])
    expect(registry.index).toBe(4)
  })

  it('answers the same value again with the first registration, and changes nothing', async () => {
    const registry = await open()
    const { token } = await registry.create(3)
    await registry.register(token, m1)
    expect(await registry.register(token, m1)).toEqual({ kind: 'repeated', registration: { ...m1, index: 2 } })
    expect(registry.index).toBe(2)
  })

  it('does not let another value take a registered id', async () => {
    const registry = await open()
    const { token } = await registry.create(3)
    await registry.register(token, m1)
    const outcome = await registry.register(token, { id: m1.id, value: m2.value })
    expect(outcome).toEqual({ kind: 'taken', registration: { ...m1, index: 2 } })
  })

  it('keeps the order of registrations that come at the same time', async () => {
    const registry = await open()
    const { token } = await registry.create(3)
    await Promise.all([registry.register(token, m1), registry.register(token, m2), registry.register(token, m1)])
    expect(registry.find(token)?.registrations).toEqual([
      { ...m1, index: 2 },
      { ...m2, index: 3 },
    ])
  })
})

describe('waitFor', () => {
  it('resolves at once with what is there already', async () => {
    const registry = await open()
    const { token } = await registry.create(3)
    await registry.register(token, m1)
    const found = await registry.waitFor({ token, id: m1.id, fromIndex: 2 }, new AbortController().signal)
    expect(found).toEqual({ ...m1, index: 2 })
  })

  it('waits for a registration of this token from the index on', async () => {
    const registry = await open()
    const { token } = await registry.create(3)
    const other = await registry.create(3)
    await registry.register(token, m1)
    const waiting = registry.waitFor({ token, id: undefined, fromIndex: 4 }, new AbortController().signal)
    await registry.register(other.token, m1)
    await registry.register(token, m2)
    expect(await waiting).toEqual({ ...m2, index: 5 })
  })

  it('gives up without a result when the signal aborts', async () => {
    const registry = await open()
    const { token } = await registry.create(3)
    const controller = new AbortController()
    const waiting = registry.waitFor({ token, id: undefined, fromIndex: 2 }, controller.signal)
    controller.abort()
    expect(await waiting).toBeUndefined()
  })
})

describe('the journal', () => {
  it('brings everything back, with the index', async () => {
    const before = await open()
    const { token } = await before.create(3)
    await before.register(token, m1)
    await before.register(token, m2)
    await before.remove(token, m1.id)
    const record = before.find(token)
    await before.close()
    const after = await open()
    expect(after.find(token)).toEqual(record)
    expect(after.index).toBe(4)
  })

  it('drops half a last line, which nobody was told of', async () => {
    const before = await open()
    const { token } = await before.create(3)
    await before.close()
    await appendFile(join(dir, 'discovery.journal'), '{"kind":"member","index":2,"tok')
    const after = await open()
    await after.register(token, m2)
    expect((await open()).find(token)?.registrations).toEqual([{ ...m2, index: 2 }])
  })

  it('refuses to start over a damaged line', async () => {
    await writeFile(join(dir, 'discovery.journal'), 'not json\n{"kind":"index","index":3}\n')
    await expect(open()).rejects.toThrow(/discovery\.journal': line 1 is damaged/)
  })

  it('forgets tokens whose time is over, while it runs and when it starts', async () => {
    const before = await open()
    const old = await before.create(3)
    await clock.advance(20 * hourMs)
    const young = await before.create(3)
    await clock.advance(5 * hourMs)
    await before.sweep()
    expect(before.tokens.map(({ token }) => token)).toEqual([young.token])
    await before.close()
    await clock.advance(20 * hourMs)
    const after = await open()
    expect(after.tokens).toEqual([])
    expect(after.index).toBe(3)
    expect(await readFile(join(dir, 'discovery.journal'), 'utf8')).not.toContain(old.token)
  })

  it('names the directory that it cannot write', async () => {
    await writeFile(join(dir, 'file'), '')
    await expect(Registry.open({ dir: join(dir, 'file'), clock, ttlMs: hourMs })).rejects.toThrow(
      /Cannot open discovery journal in '.*file'/,
    )
  })
})

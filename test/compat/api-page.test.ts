import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { eventsSchema } from '../../src/api/schemas.ts'
import { TestApi } from '../../src/api/test-api.ts'
import { EngineMetrics } from '../../src/engine/engine-metrics.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Metrics } from '../../src/lib/metrics.ts'
import { measuredStore } from '../../src/store/measured-store.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { parseUnitName } from '../../src/unit/unit-name.ts'
import { machineId } from '../fixtures/sample-cluster.ts'

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
const firstCells = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, cell = '']) => cell).toSorted()

it('docs/api.md has every route that is registered, and no other', async () => {
  const registered: string[] = []
  const api = await TestApi.listen((app) =>
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (schema === undefined || url.startsWith('/v1-alpha')) return
      registered.push(`${String(method)} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
    }),
  )
  await api.close()
  expect(firstCells(/^\| `([A-Z]+ \/[^`]+)` \|/gm)).toEqual(registered.toSorted())
})

it('docs/api.md has every event', () => {
  const words = [...JSON.stringify(eventsSchema).matchAll(/'([a-z]+)'/g)].map(([, word]) => word)
  expect(firstCells(/^\| `([a-z]+)` \|/gm)).toEqual(words.toSorted())
})

it('docs/api.md has every metric', async () => {
  const metrics = new Metrics()
  const engine = new EngineMetrics(metrics, realClock)
  await engine.measure(() => Promise.resolve(false))
  engine.decided([{ kind: 'release', unit: parseUnitName('a.service'), machine: machineId('a'), reason: 'r' }])
  const inner = new MemoryStore(realClock)
  inner.isAway = true
  await expect(measuredStore(inner, { metrics, clock: realClock }).read({ key: 'a' })).rejects.toThrow()
  const api = await TestApi.listen()
  await api.app.inject({ method: 'GET', url: '/metrics' })
  const own = await api.app.inject({ method: 'GET', url: '/metrics' })
  await api.close()
  const written = [...`${metrics.text()}${own.body}`.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  const documented = [...page.matchAll(/^\| `([a-z]+_[a-z_]+)` \| ([a-z]+) \|/gm)]
  const rows = (found: readonly RegExpExecArray[]) => found.map(([, name, kind]) => `${name} ${kind}`).toSorted()
  expect(rows(documented)).toEqual(rows(written))
})

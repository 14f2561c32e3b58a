import { createServer } from 'node:http'
import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Target } from './probe.ts'
import { Prober, httpProbe } from './probe.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(server: Server): Promise<Target> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return { key: 'k', scheme: 'http', address: '127.0.0.1', port: address.port }
}

const probeError = (target: Target) =>
  httpProbe(target, new AbortController().signal).then(() => 'answered', describeError)

describe('httpProbe', () => {
  test.each([
    [200, 'answered'],
    [404, 'answered'],
    [500, /Cannot probe 'http:\/\/127\.0\.0\.1:\d+\/': no answer: status 500/],
    [503, /status 503/],
  ])('takes status %i for what it is', async (status, expected) => {
    const target = await listen(createServer((_request, response) => response.writeHead(status).end()))
    expect(await probeError(target)).toMatch(expected)
  })

  test('says that nobody listens', async () => {
    const target = await listen(createServer())
    servers.pop()?.close()
    expect(await probeError(target)).toMatch(/ECONNREFUSED/)
  })

  test('waits a second for an answer and no longer', async () => {
    const sockets: { destroy(): unknown }[] = []
    const target = await listen(createTcpServer((socket) => sockets.push(socket)))
    expect(await probeError(target)).toMatch(/no answer/)
    for (const socket of sockets) socket.destroy()
  })

  test('ends at once when it is no longer wanted', async () => {
    const target = await listen(createTcpServer((socket) => void socket.unref()))
    const stop = new AbortController()
    const probe = httpProbe(target, stop.signal)
    stop.abort()
    await expect(probe).rejects.toThrow(/Cannot probe/)
  })
})

describe('Prober', () => {
  const targets = [1, 2].map((n) => ({ key: `k${n}`, scheme: 'http', address: `10.0.0.${n}`, port: 80 }) as const)

  function makeProber() {
    const clock = new ManualClock()
    const answers = new Map<string, boolean>()
    const probes: string[] = []
    const changes: string[] = []
    const prober = new Prober({
      clock,
      probe: ({ key }) => {
        probes.push(key)
        return answers.get(key) === true ? Promise.resolve() : Promise.reject(new Error('silent'))
      },
      onChange: ({ key }, isHealthy) => changes.push(`${key} ${isHealthy ? 'up' : 'down'}`),
    })
    return { clock, answers, probes, changes, prober }
  }

  test('a target is unhealthy until it answered, and then tells once', async () => {
    const { clock, answers, changes, prober } = makeProber()
    prober.watch(targets, () => false)
    await clock.advance(100)
    expect(prober.isHealthy('k1')).toBe(false)
    answers.set('k1', true)
    await clock.advance(100)
    await clock.advance(1_000)
    expect(prober.isHealthy('k1')).toBe(true)
    expect(changes).toEqual(['k1 up'])
    prober.close()
  })

  test('a target that served before counts as healthy until it fails twice', async () => {
    const { clock, changes, prober } = makeProber()
    prober.watch(targets, (key) => key === 'k2')
    expect(prober.isHealthy('k2')).toBe(true)
    await clock.advance(0)
    expect(prober.isHealthy('k2')).toBe(true)
    await clock.advance(100)
    expect(changes).toEqual(['k2 down'])
    prober.close()
  })

  test('a target that is no longer watched is not probed and not healthy', async () => {
    const { clock, answers, probes, prober } = makeProber()
    answers.set('k1', true).set('k2', true)
    prober.watch(targets, () => false)
    await clock.advance(0)
    prober.watch(targets.slice(0, 1), () => false)
    probes.length = 0
    await clock.advance(1_000)
    expect(probes).toEqual(['k1'])
    expect(prober.isHealthy('k2')).toBe(false)
    prober.close()
  })
})

import type { FastifyInstance } from 'fastify'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildApi } from '../../src/api/api.ts'
import type { JournalLine, JournalQuestion } from '../../src/api/local-journal.ts'
import { examples } from '../../src/cli/examples.ts'
import { toClusterAccess } from '../../src/daemon/cluster-access.ts'
import { realClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { ClusterFeed } from '../../src/store/cluster-feed.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

const machine = parseMachineId('13135a8d34da09b98cde21be81866ed7')
const world = { clock: realClock, log: silentLog, random: () => 0.5 }

let cluster: InProcessCluster
let line: CommandLine
let feed: ClusterFeed
let api: FastifyInstance
let journal: JournalLine[]
let asked: JournalQuestion[]
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  cluster.live()
  feed = new ClusterFeed({ ...world, store: cluster.store })
  journal = []
  asked = []
  api = buildApi({
    ...world,
    store: cluster.store,
    cluster: toClusterAccess(feed),
    version: '1.2.3',
    tokenLimit: 100,
    journal: {
      machine,
      read: (question) => {
        asked.push(question)
        const at = journal.findIndex(({ cursor }) => cursor === question.after) + 1
        const range = question.after === undefined ? journal.slice(-question.lines) : journal.slice(at)
        return Promise.resolve(range.slice(0, question.lines))
      },
    },
  })
  await api.listen({ path: join(line.folder, 'logs.sock') })
  await writeFile(join(line.folder, 'hello.service'), '[Service]\nExecStart=/bin/sleep 3600\n')
  await writeFile(
    join(line.folder, 'far.service'),
    '[Service]\nExecStart=/bin/true\n[X-Fleet]\nMachineID=833c7ef0d145fca2254083a6adac2480\n',
  )
  await line.run(['start', 'hello'])
})
afterEach(async () => {
  await api.close()
  await feed.close()
  await cluster.close()
  await line.close()
})

const write = (second: number, message: string) =>
  journal.push({ cursor: `c=${second}`, time: `2026-11-23T19:00:0${second}.000001Z`, source: 'sh[1]', message })
const env = () => ({ HOME: line.folder, FLOTA_ENDPOINT: `unix://${join(line.folder, 'logs.sock')}` })
const logs = (...argv: string[]) => line.run(['logs', ...argv], { env: env(), programName: 'flota' })

describe('flota logs', () => {
  it('prints the last lines of a unit', async () => {
    for (const [at, message] of ['one', 'two', 'three'].entries()) write(at, message)
    expect(await logs('-n', '2', 'hello')).toEqual({
      code: 0,
      stdout:
        '2026-11-23T19:00:01.000Z hello.service 13135a8d sh[1]: two\n2026-11-23T19:00:02.000Z hello.service 13135a8d sh[1]: three\n',
      stderr: '',
    })
  })

  it.each(examples['logs'] ?? [])('runs the example $line', async ({ line: text }) => {
    const file = `[Service]\nExecStart=/bin/true\n[X-Fleet]\nMachineID=${machine}\n`
    await writeFile(join(line.folder, 'nano-container@.service'), file)
    await line.run(['start', 'nano-container@1', 'nano-container@2'])
    write(1, 'one')
    const words = text.split(' ').map((word) => word.replaceAll("'", ''))
    const ran = await line.run(words, { env: env(), interrupted: () => AbortSignal.abort() })
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(': one\n') as string })
  })

  it('follows: what was printed is not printed again', async () => {
    write(0, 'old')
    const stop = new AbortController()
    let text = ''
    const stdout = { write: (more: string) => void (text += more), isTTY: false }
    const run = line.run(['logs', '-f', '-n', '0', 'hello'], { env: env(), stdout, interrupted: () => stop.signal })
    await expect.poll(() => asked.length).toBeGreaterThan(0)
    write(1, 'new')
    await expect.poll(() => text, { timeout: 5_000 }).toContain('new')
    write(2, 'newer')
    await expect.poll(() => text, { timeout: 5_000 }).toContain('newer')
    stop.abort()
    expect((await run).code).toBe(0)
    expect(text.match(/[a-z]+$/gm)).toEqual(['new', 'newer'])
    expect(asked.at(-1)).toMatchObject({ unit: 'hello.service', after: expect.stringMatching(/^c=[12]$/) as string })
  })

  it.each([
    ['nothing', [], 1, /^No units given\n/],
    ['a unit that nobody knows', ['none'], 1, /^Unit none.service does not exist.\n/],
    ['a number that is none', ['-n', 'x', 'hello'], 2, /whole number up to 10000/],
    ['too many lines', ['-n', '10001', 'hello'], 2, /whole number up to 10000/],
  ])('refuses %s', async (...[, args, code, words]) => {
    const ran = await logs(...args)
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([code, '', expect.stringMatching(words)])
  })

  it('says that a unit is on no machine', async () => {
    await line.run(['unload', 'hello'])
    expect(await logs('hello')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Cannot read logs of 'hello.service': on no machine now\n'flota why'/) as string,
    })
  })
})

describe('GET /flota/v1/units/NAME/logs', () => {
  const get = async (url: string) => {
    const { statusCode, body } = await api.inject({ method: 'GET', url: `/flota/v1/units/${url}` })
    return { statusCode, body: JSON.parse(body) as unknown }
  }

  it('gives lines with the machine they come from, ten unless told', async () => {
    write(1, 'one')
    expect(await get('hello.service/logs')).toEqual({ statusCode: 200, body: { machineID: machine, lines: journal } })
    expect(asked.at(-1)).toEqual({ unit: 'hello.service', lines: 10 })
  })

  it.each([
    ['a unit that is on another machine', 'far.service/logs', 404],
    ['a unit that is not known', 'none.service/logs', 404],
    ['a name that is none', 'x%20y.service/logs', 404],
    ['what is no number', 'hello.service/logs?lines=-1', 400],
    ['too many lines', 'hello.service/logs?lines=99999', 400],
    ['what could be an option of journalctl', 'hello.service/logs?after=%20--rotate', 400],
  ])('refuses %s, and asks no journal', async (_title, url, status) => {
    await line.run(['start', 'far'])
    expect((await get(url)).statusCode).toBe(status)
    expect(asked).toEqual([])
  })
})

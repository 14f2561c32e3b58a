import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { plain, TestCluster } from '../cluster/test-cluster.ts'
import { loopUnit, range } from './loop-unit.ts'

let cluster: TestCluster
beforeEach(async () => {
  cluster = await TestCluster.open({ machines: plain('a') })
  await cluster.write('hello.service', loopUnit())
  await cluster.write('hello@.service', loopUnit())
})
afterEach(() => cluster.close())

const names = (count: number) => range(count).map((n) => `hello@${n}.service`)

/** As scripts do: it must end well and complain of nothing. */
async function quietly(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.fleetctl(...argv)
  expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false })
  return stdout
}

const listed = async () => (await cluster.units()).map(({ unit }) => unit)
const activeUnits = async () => (await cluster.active()).map((line) => line.split(' ')[0] ?? '')

async function untilCount(what: () => Promise<readonly string[]>, count: number, time = ''): Promise<void> {
  await cluster.until(`${count} units ${time}`, async () => (await what()).length === count)
}

it('A1 a unit that is started is the only one active', async () => {
  await quietly('start', 'hello.service')
  await cluster.until('hello', async () => (await cluster.active()).join() === 'hello.service a')
})

it('A2 nine instances are submitted and destroyed, twice', async () => {
  for (const time of ['first', 'second']) {
    await quietly('submit', ...names(9))
    expect(await cluster.unitFiles(), time).toEqual(names(9))
    for (const name of names(9)) await quietly('destroy', name)
    expect(await cluster.unitFiles(), time).toEqual([])
  }
})

it('A3 six instances are loaded and unloaded, twice', async () => {
  for (const time of ['first', 'second']) {
    await quietly('load', ...names(6))
    await untilCount(listed, 6, time)
    await quietly('unload', ...names(6))
    await untilCount(listed, 0, time)
  }
})

it('A4 three instances are started and stopped, twice', async () => {
  for (const time of ['first', 'second']) {
    await quietly('start', ...names(3))
    await untilCount(activeUnits, 3, time)
    await quietly('stop', ...names(3))
    await untilCount(activeUnits, 0, time)
  }
})

describe('a changed file with --replace', () => {
  it.each([
    ['A5', 'submit', 9],
    ['A6', 'load', 6],
    ['A7', 'start', 3],
  ])('%s %s takes the place of each of its units', async (_row, verb, count) => {
    const units = range(count).map((n) => `replaced-${n}.service`)
    for (const unit of units) await cluster.write(unit, loopUnit())
    await quietly(verb, ...units)
    const before = await Promise.all(units.map((unit) => cluster.ok('cat', unit)))
    for (const [index, unit] of units.entries()) {
      await cluster.write(unit, `# changed\n[Unit]\nDescription=changed\n${loopUnit()}`)
      await quietly(verb, '--replace', unit)
      expect(await cluster.unitFiles()).toHaveLength(count)
      expect(await cluster.ok('cat', unit)).not.toBe(before[index])
    }
    await quietly('destroy', ...units)
    expect(await cluster.unitFiles()).toEqual([])
    await untilCount(listed, 0)
  })
})

it('A8 three units are restarted: each is active, in a new process', async () => {
  await quietly('start', ...names(3))
  const before = names(3).map((name) => cluster.machine('a').pidOf(name))
  await quietly('restart', ...names(3))
  await untilCount(activeUnits, 3)
  for (const [index, name] of names(3).entries()) {
    expect(cluster.machine('a').pidOf(name)).toBeGreaterThan(before[index] ?? Infinity)
  }
})

it('A10 cat gives the file back', async () => {
  await quietly('submit', 'hello.service')
  expect((await quietly('cat', 'hello.service')).trim()).toBe(loopUnit().trim())
})

it('A12 list-unit-files is sorted by name', async () => {
  const units = range(20).map((n) => `hello@${String(n).padStart(2, '0')}.service`)
  await quietly('submit', ...units.toReversed())
  const text = await quietly('list-unit-files', '--no-legend', '--fields', 'unit')
  expect(text.split('\n').filter((line) => line !== '')).toEqual(units)
})

it('A33 the endpoint may come from the environment', async () => {
  const { socket } = cluster.machine('a')
  const env = { HOME: cluster.folder, FLEETCTL_ENDPOINT: `unix://${socket}` }
  const { code, stdout } = await cluster.run(['list-machines', '--no-legend'], { env })
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'aaaaaaaa...\t10.0.0.11\t-\n' })
})

describe('A37', () => {
  it('version is one line', async () => {
    for (const argv of [['version'], ['--version'], ['-v']]) {
      expect(await cluster.fleetctl(...argv)).toEqual({ code: 0, stdout: 'fleetctl version 1.2.3\n', stderr: '' })
    }
  })

  it.each([[['--help']], [['-h']], [['help']], [[]]])('%j is help on stdout', async (argv) => {
    const { code, stdout } = await cluster.fleetctl(...argv)
    expect(code).toBe(0)
    expect(stdout).toContain('1.2.3')
    expect(stdout).toContain('list-units')
  })
})

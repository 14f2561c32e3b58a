import { afterEach, describe, expect, it } from 'vitest'
import { plain, TestCluster } from '../cluster/test-cluster.ts'
import { loopUnit, range } from './loop-unit.ts'

let cluster: TestCluster
afterEach(() => cluster.close())

const open = async (...names: readonly string[]) => {
  cluster = await TestCluster.open({ machines: plain(...names) })
}

async function submit(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) await cluster.write(name, text)
  return Object.keys(files)
}

async function start(files: Readonly<Record<string, string>>): Promise<void> {
  await cluster.ok('start', '--no-block', ...(await submit(files)))
}

const numbered = (name: string, count: number, text: (n: number) => string) =>
  Object.fromEntries(range(count).map((n) => [`${name}.${n}.service`, text(n)]))

const machineOf = async (unit: string) =>
  (await cluster.units()).find((row) => row.unit === unit && row.active === 'active')?.machine

async function untilActive(count: number): Promise<readonly string[]> {
  await cluster.until(`${count} active units`, async () => (await cluster.active()).length === count)
  return cluster.active()
}

const distinctMachines = (lines: readonly string[]) => new Set(lines.map((line) => line.split(' ')[1])).size

it('A14 five conflicting units on three machines run on three', async () => {
  await open('a', 'b', 'c')
  await start(numbered('conflict', 5, () => loopUnit('Conflicts=conflict.*.service')))
  expect(await cluster.unitFiles()).toHaveLength(5)
  expect(distinctMachines(await untilActive(3))).toBe(3)
  await cluster.pass(20_000)
  expect(await cluster.active()).toHaveLength(3)
})

it('A15 a conflict holds from one side, and ends with the unit that asked for it', async () => {
  await open('a')
  await start({ 'goodbye.service': loopUnit('Conflicts=hello.service') })
  await untilActive(1)
  await start({ 'hello.service': loopUnit() })
  expect(await cluster.unitFiles()).toEqual(['goodbye.service', 'hello.service'])
  await cluster.pass(5_000)
  expect(await cluster.active()).toEqual(['goodbye.service a'])
  await cluster.ok('destroy', 'goodbye.service')
  await cluster.until('goodbye to go', async () =>
    (await cluster.units()).every(({ unit }) => unit === 'hello.service'),
  )
  await cluster.until('hello', async () => (await cluster.active()).join() === 'hello.service a')
})

describe('A16', () => {
  it.each([
    ['a blank between them', ['Conflicts=c.1.service c.2.service c.3.service']],
    ['one a line', ['Conflicts=c.1.service', 'Conflicts=c.2.service', 'Conflicts=c.3.service']],
  ])('several conflicts are all kept, with %s', async (_title, asks) => {
    await open('a', 'b', 'c')
    await start(numbered('c', 3, () => loopUnit(...asks)))
    expect(distinctMachines(await untilActive(3))).toBe(3)
  })
})

it('A17 a unit that replaces another takes its machine, and the other goes elsewhere', async () => {
  await open('a', 'b')
  await start({ 'replace.0.service': loopUnit() })
  await untilActive(1)
  const home = await machineOf('replace.0.service')
  await start({ 'replace.1.service': loopUnit(), 'replace.2.service': loopUnit('MachineOf=replace.1.service') })
  await untilActive(3)
  await start({ 'replace.kick0.service': loopUnit('Replaces=replace.0.service') })
  await untilActive(4)
  expect(await machineOf('replace.kick0.service')).toBe(home)
  expect(await machineOf('replace.0.service')).not.toBe(home)
})

describe('A18', () => {
  it('two units that replace each other both run, and rest', async () => {
    await open('a', 'b')
    await start({ 'one.service': loopUnit('Replaces=two.service'), 'two.service': loopUnit('Replaces=one.service') })
    expect(distinctMachines(await untilActive(2))).toBe(2)
    await staysAsItIs()
  })

  it.each([2, 3, 4])('three units that replace each other in a circle rest on %i machines', async (count) => {
    await open(...['a', 'b', 'c', 'd'].slice(0, count))
    await start({
      'one.service': loopUnit('Replaces=two.service'),
      'two.service': loopUnit('Replaces=three.service'),
      'three.service': loopUnit('Replaces=one.service'),
    })
    await cluster.pass(10_000)
    expect((await cluster.active()).length).toBeGreaterThanOrEqual(2)
    await staysAsItIs()
  })

  async function staysAsItIs(): Promise<void> {
    const before = cluster.store.revision
    await cluster.pass(10_000)
    expect(cluster.store.revision).toBe(before)
  }
})

it('A19 units bound to a machine by its id run there', async () => {
  await open('a', 'b', 'c')
  const names = ['c', 'a', 'b']
  await start(numbered('bound', 3, (n) => loopUnit(`MachineID=${cluster.machine(names[n - 1] ?? '').id}`)))
  expect(await untilActive(3)).toEqual(['bound.1.service c', 'bound.2.service a', 'bound.3.service b'])
})

describe('A20', () => {
  it('a global unit runs on every machine beside the others, and is restarted on each', async () => {
    await open('a', 'b', 'c')
    await start(numbered('normal', 2, () => loopUnit()))
    await untilActive(2)
    await start({ 'global.service': loopUnit('Global=true') })
    const globals = (lines: readonly string[]) => lines.filter((line) => line.startsWith('global.'))
    expect(globals(await untilActive(5))).toEqual(['global.service a', 'global.service b', 'global.service c'])
    const pids = () => ['a', 'b', 'c'].map((name) => cluster.machine(name).pidOf('global.service'))
    const before = pids()
    await cluster.ok('restart', 'global.service')
    await cluster.until('new processes', () => pids().every((pid, index) => pid !== undefined && pid !== before[index]))
    expect(globals(await untilActive(5))).toHaveLength(3)
  })

  it('a global unit comes to a machine that joins later', async () => {
    await open('a')
    await start({ 'global.service': loopUnit('Global=yes') })
    await untilActive(1)
    await cluster.add('b')
    await untilActive(2)
  })
})

it('A21 of two global units that exclude each other only the first runs', async () => {
  await open('a', 'b', 'c')
  const asks = ['Global=true', 'Conflicts=global-*.service']
  await start({ 'global-1.service': loopUnit(...asks) })
  await untilActive(3)
  await start({ 'global-2.service': loopUnit(...asks) })
  await cluster.pass(5_000)
  const active = await cluster.active()
  expect(active).toHaveLength(3)
  expect(active.every((line) => line.startsWith('global-1.'))).toBe(true)
})

it('A22 a template finds each instance its machine by a specifier in its metadata', async () => {
  const names = ['a', 'b', 'c']
  const machines = Object.fromEntries(names.map((name) => [name, { metadata: { hostname: `smoke${name}` } }]))
  cluster = await TestCluster.open({ machines })
  await cluster.ok('submit', ...(await submit({ 'metadata@.service': loopUnit('MachineMetadata=hostname=%i') })))
  for (const name of names.toReversed()) await cluster.ok('start', `metadata@smoke${name}.service`)
  expect(await untilActive(3)).toEqual(names.map((name) => `metadata@smoke${name}.service ${name}`))
  const { code } = await cluster.fleetctl('start', '--block-attempts=20', 'metadata@invalid.service')
  expect(code).not.toBe(0)
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { flota, flotaOk, type RunOptions, waitFor } from './flota.ts'

const one: RunOptions = { env: { FLOTA_CONTEXT: 'one' }, withinMs: 120_000 }
const ok = (args: readonly string[]) => flotaOk(args, one)

beforeAll(async () => {
  const userData = 'test/e2e/fixtures/one-machine.cloud-config'
  await ok(['up', '--name', 'one', '--machines', '1', '--range', '10.80.0.0/24', '--user-data', userData])
  await flotaOk(['list-machines'])
})

afterAll(async () => {
  await ok(['down', '--name', 'one'])
})

const listUnits = () => ok(['list-units', '--no-legend', '--fields', 'unit,active'])

const machine = async () => (await ok(['list-machines', '--no-legend', '--full', '--fields', 'machine'])).trim()

const alive = () =>
  waitFor('the API', async () => ((await flota(['list-machines'], one)).code === 0 ? true : undefined), 30_000)

it('the verbs work on the embedded store', async () => {
  const template = 'test/e2e/fixtures/hello@.service'
  expect(await ok(['submit', template])).toContain('Unit hello@.service inactive')
  expect(await ok(['load', 'hello@1'])).toMatch(/Unit hello@1\.service loaded on/)
  expect(await ok(['start', 'hello@1'])).toMatch(/Unit hello@1\.service launched on/)
  expect(await listUnits()).toMatch(/hello@1\.service\s+active/)
  expect(await ok(['cat', 'hello@1'])).toContain('Description=Says hello from %i')
  await ok(['stop', 'hello@1'])
  expect(await listUnits()).toMatch(/hello@1\.service\s+inactive/)
  expect(await ok(['unload', 'hello@1'])).toContain('Unit hello@1.service inactive')
  expect(await listUnits()).not.toContain('hello@1')
  expect(await ok(['destroy', 'hello@1'])).toContain('Destroyed hello@1.service')
  expect(await ok(['list-unit-files', '--no-legend'])).not.toContain('hello@1')
})

it('what was accepted is there after kill -9 in the middle of writes', async () => {
  await ok(['start', 'hello@keep'])
  const id = await machine()
  const accepted: string[] = []
  for (let round = 0; round < 5; round++) {
    const kill = flota(['ssh', id, 'sudo', 'systemctl', 'kill', '--kill-whom=main', '-s', 'KILL', 'fleet.service'], one)
    const writes = Array.from({ length: 4 }, (_, i) => `hello@r${round}-${i}`)
    await Promise.all(
      writes.map(async (name) => {
        const { code } = await flota(['submit', name], one)
        if (code === 0) accepted.push(`${name}.service`)
      }),
    )
    await kill
    await alive()
  }
  const files = await ok(['list-unit-files', '--no-legend', '--fields', 'unit'])
  for (const name of accepted) expect(files).toContain(name)
  console.log(`${accepted.length} of 20 submits accepted around 5 kills; all of them are there`)
  expect(await listUnits()).toMatch(/hello@keep\.service\s+active/)
})

it('what was accepted is there, and runs, after a reboot', async () => {
  const files = await ok(['list-unit-files', '--no-legend', '--fields', 'unit,dstate'])
  const id = await machine()
  const boot = await ok(['ssh', id, 'cat', '/proc/sys/kernel/random/boot_id'])
  await flota(['ssh', id, 'sudo', 'systemctl', 'reboot'], one)
  await waitFor(
    'the next boot',
    async () => {
      const { code, stdout } = await flota(['ssh', id, 'cat', '/proc/sys/kernel/random/boot_id'], one)
      return code === 0 && stdout !== boot ? true : undefined
    },
    60_000,
  )
  await waitFor(
    'the unit',
    async () => (/hello@keep\.service\s+active/.test(await listUnits()) ? true : undefined),
    30_000,
  )
  expect(await ok(['list-unit-files', '--no-legend', '--fields', 'unit,dstate'])).toBe(files)
})

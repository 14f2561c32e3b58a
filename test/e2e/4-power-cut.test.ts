import { afterAll, expect, it } from 'vitest'
import { machinesOf, onMachine, type UnitRow, unitsOf } from './cluster-look.ts'
import { clusterName } from './cluster.ts'
import { flota, flotaOk, waitFor } from './flota.ts'
import { cutPower, powerOn } from './power.ts'

const leaseMs = 8_000
const hellos = ['hello@1.service', 'hello@2.service', 'hello@3.service', 'hello@4.service']

afterAll(async () => {
  await flota(['destroy', ...hellos])
})

const active = (units: readonly UnitRow[], prefix: string) =>
  units.filter((unit) => unit.unit.startsWith(prefix) && unit.active === 'active')

/** Milliseconds of CLOCK_MONOTONIC, which a machine on this host shares: its systemd's time stamps can be compared with ours. */
const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6

async function activeSinceMs({ machine, unit }: UnitRow): Promise<number> {
  const text = await onMachine(machine, ['systemctl', 'show', '--value', '-p', 'ActiveEnterTimestampMonotonic', unit])
  return Number(text) / 1_000
}

it('after a power cut a free unit is active elsewhere within lease + 1 s; an instance that fits nowhere waits, and comes back', async () => {
  await flotaOk(['start', ...hellos.map((name) => `test/e2e/fixtures/${name}`)])
  const before = await unitsOf()
  const instance = before.find((unit) => unit.unit === 'nano-container@3.service')
  const moving = before.find((unit) => unit.machine === instance?.machine && hellos.includes(unit.unit))
  expect(moving, 'least loaded placement spreads four hellos over four machines').toBeDefined()
  const victim = instance?.machine ?? ''
  const ip = (await machinesOf()).find((row) => row.machine === victim)?.ip ?? ''

  const cutMs = monotonicMs()
  await cutPower(clusterName, ip)
  const moved = await waitFor(
    `${moving?.unit ?? ''} elsewhere`,
    async () => active(await unitsOf(), moving?.unit ?? '').find((unit) => unit.machine !== victim),
    30_000,
  )
  const tookMs = (await activeSinceMs(moved)) - cutMs
  console.log(`power cut to active elsewhere: ${(tookMs / 1_000).toFixed(2)} s (lease ${leaseMs / 1_000} s)`)
  expect(tookMs).toBeLessThan(leaseMs + 1_000)

  const why = await waitFor(
    'the reasons',
    async () => {
      const { stdout } = await flota(['why', 'nano-container@3'])
      return stdout.includes('conflict') ? stdout : undefined
    },
    15_000,
  )
  console.log(why)
  for (const { machine } of await machinesOf()) expect(why).toContain(machine.slice(0, 8))
  expect(active(await unitsOf(), 'nano-container@')).toHaveLength(2)

  const backMs = monotonicMs()
  await powerOn(clusterName)
  const returned = await waitFor(
    'the third instance',
    async () => active(await unitsOf(), 'nano-container@3')[0],
    60_000,
  )
  const returnMs = (await activeSinceMs(returned)) - backMs
  console.log(`power on to the instance active again: ${(returnMs / 1_000).toFixed(1)} s`)
  expect(returned.machine).toBe(victim)
  expect(await machinesOf()).toHaveLength(4)
})

import { expect, it } from 'vitest'
import { machinesOf, onMachine, runs } from './cluster-look.ts'
import { flotaOk, waitFor } from './flota.ts'

it('kill -9 of flotad on every machine restarts not one unit, and control is back by itself', async () => {
  const before = await runs()
  expect(Object.keys(before)).toHaveLength(4)
  const machines = await machinesOf()
  await Promise.all(
    machines.map(({ machine }) =>
      onMachine(machine, ['sudo', 'systemctl', 'kill', '--kill-whom=main', '-s', 'KILL', 'fleet.service']),
    ),
  )
  const after = await waitFor(
    'control',
    async () => {
      const seen = await runs()
      return Object.keys(seen).length === 4 && (await machinesOf()).length === 4 ? seen : undefined
    },
    40_000,
  )
  expect(after).toEqual(before)

  await flotaOk(['start', 'test/e2e/fixtures/hello.service'])
  await flotaOk(['destroy', 'hello.service'])
  expect(await runs()).toEqual(before)
})

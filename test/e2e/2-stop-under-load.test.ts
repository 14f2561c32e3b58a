import { expect, it } from 'vitest'
import { balancerAddress, machinesOf, unitsOf } from './cluster-look.ts'
import { flotaOk, waitFor } from './flota.ts'
import { installLoadClient, loadFrom } from './load.ts'

const seconds = process.env['FLOTA_PROOF'] === undefined ? 10 : 30
const victim = 'nano-container@2.service'

const healthy = async (): Promise<number> => {
  const [route] = JSON.parse(await flotaOk(['routes', '-o', 'json'])) as { healthy: number }[]
  return route?.healthy ?? 0
}

it.each(['http1', 'http2'] as const)(
  'stop and start of an instance under steady %s load: the answers keep coming',
  async (protocol) => {
    const url = `https://${await balancerAddress()}/`
    const source = (await unitsOf()).find((unit) => unit.unit === 'nano-container@1.service')
    const machine = (await machinesOf()).find((row) => row.machine === source?.machine)?.machine ?? ''
    await installLoadClient(machine)

    const load = loadFrom(machine, { url, seconds, protocol })
    await new Promise((resolve) => setTimeout(resolve, seconds * 200))
    await flotaOk(['stop', victim])
    await waitFor('two healthy instances', async () => ((await healthy()) === 2 ? true : undefined), 10_000)
    await flotaOk(['start', victim])
    await waitFor('three healthy instances', async () => ((await healthy()) === 3 ? true : undefined), 30_000)

    const report = await load
    console.log(`stop and start under load (${protocol}): ${report.answers} answers, ${report.failed} failed`, report)
    expect(report.answers).toBeGreaterThan(seconds * 200 * 0.9)
    expect(report.failed).toBeLessThan(report.answers / 50)
  },
)

it('the restarted instance is back in the rotation', async () => {
  const url = `https://${await balancerAddress()}/`
  const machine = (await machinesOf())[0]?.machine ?? ''
  await installLoadClient(machine)
  const report = await loadFrom(machine, { url, seconds: 2, protocol: 'http1' })
  expect(Object.keys(report.byServer)).toHaveLength(3)
})

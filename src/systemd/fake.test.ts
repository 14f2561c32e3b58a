import { expect, it } from 'vitest'
import { ManualClock, realClock } from '../lib/clock.ts'
import type { UnitName } from '../unit/unit.ts'
import { describeSystemd } from './contract.ts'
import { FakeSystemd } from './fake.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const unit = 'a.service' as UnitName

function make(text = '[Service]\nExecStart=/bin/sleep infinity\n') {
  const clock = new ManualClock()
  const files = new Map([['/units/a.service', text]])
  const systemd = new FakeSystemd({ clock, readFile: (path) => files.get(path) })
  return { clock, files, systemd }
}

describeSystemd('the fake', () => {
  const files = new Map<string, string>()
  const systemd = new FakeSystemd({ clock: realClock, readFile: (path) => files.get(path) })
  systemd.script('failing.service', { startResult: 'failed' })
  return Promise.resolve({
    systemd,
    writeFile: (name: string, text: string) => {
      files.set(`/units/${name}`, text)
      return Promise.resolve(`/units/${name}`)
    },
    close: () => systemd.close(),
  })
})

it('takes the scripted time to start, and is cancelled by a stop', async () => {
  const { clock, systemd } = make()
  systemd.script(unit, { startMs: 60_000 })
  await systemd.link(['/units/a.service'])
  const start = systemd.start(unit)
  await turn()
  expect((await systemd.states([unit])).get(unit)).toMatchObject({ active: 'activating' })
  const stop = systemd.stop(unit)
  expect(await start).toBe('canceled')
  expect(await stop).toBe('done')
  await clock.advance(60_000)
  expect(systemd.running().size).toBe(0)
})

it('takes the scripted time to stop', async () => {
  const { clock, systemd } = make()
  systemd.script(unit, { stopMs: 90_000 })
  await systemd.link(['/units/a.service'])
  await systemd.start(unit)
  const stop = systemd.stop(unit)
  await turn()
  expect((await systemd.states([unit])).get(unit)).toMatchObject({ active: 'deactivating' })
  expect(systemd.running().size).toBe(1)
  await clock.advance(90_000)
  expect(await stop).toBe('done')
  expect(systemd.running().size).toBe(0)
})

it.each(['link', 'start', 'stop'] as const)('rejects a %s that is scripted to be refused', async (refuses) => {
  const { systemd } = make()
  if (refuses === 'link') systemd.script(unit, { refuses })
  const link = systemd.link(['/units/a.service'])
  if (refuses === 'link') return expect(link).rejects.toThrow('refused')
  await link
  systemd.script(unit, { refuses })
  await expect(systemd[refuses](unit)).rejects.toThrow('refused')
})

it('tells listeners to look at all again after a re-execution', () => {
  const { systemd } = make()
  const seen: unknown[] = []
  systemd.onChange((changed) => seen.push(changed))
  systemd.reexec()
  expect(seen).toEqual([undefined])
})

it('shows a unit whose process ended by itself', async () => {
  const { systemd } = make()
  await systemd.link(['/units/a.service'])
  await systemd.start(unit)
  systemd.exit(unit, 1)
  expect((await systemd.states([unit])).get(unit)).toMatchObject({ active: 'failed', mainPid: 0 })
  expect(systemd.calls).toEqual(['link a.service', 'start a.service'])
})

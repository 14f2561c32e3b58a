import { expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import type { UnitName } from '../unit/unit.ts'
import { Retries } from './retries.ts'

const unit = 'a.service' as UnitName

function make() {
  const clock = new ManualClock()
  let due = 0
  const signal = new AbortController().signal
  const retries = new Retries({ clock, random: () => 1, signal, onDue: () => due++ })
  return { clock, retries, due: () => due }
}

it('holds a unit until its time has come, and says when', async () => {
  const { clock, retries, due } = make()
  expect(retries.fail(unit, 'launched 1')).toBe(200)
  expect(retries.isHeld(unit, 'launched 1')).toBe(true)
  await clock.advance(200)
  expect(retries.isHeld(unit, 'launched 1')).toBe(false)
  expect(due()).toBe(1)
})

it('waits longer each time, up to half a minute', async () => {
  const { clock, retries } = make()
  const waits: number[] = []
  for (let i = 0; i < 10; i++) {
    waits.push(retries.fail(unit, 'launched 1'))
    await clock.advance(waits.at(-1) ?? 0)
  }
  expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
})

it('tries another wish at once, and begins anew with it', () => {
  const { retries } = make()
  retries.fail(unit, 'launched 1')
  retries.fail(unit, 'launched 1')
  expect(retries.isHeld(unit, 'launched 2')).toBe(false)
  expect(retries.fail(unit, 'launched 2')).toBe(200)
})

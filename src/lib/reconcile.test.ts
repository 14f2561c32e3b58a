import { expect, it } from 'vitest'
import { ManualClock } from './clock.ts'
import { silentLog } from './log.ts'
import { reconcileForever, Wake } from './reconcile.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function start(pass: () => Promise<void>, everyMs?: number) {
  const clock = new ManualClock()
  const wake = new Wake()
  const controller = new AbortController()
  const options = { name: 'test', wake, clock, log: silentLog, signal: controller.signal, random: () => 1 }
  const done = reconcileForever(pass, everyMs === undefined ? options : { ...options, everyMs })
  return { clock, wake, stop: () => (controller.abort(), done) }
}

it('makes a pass at once, when woken, and when the timer runs out', async () => {
  let passes = 0
  const loop = start(() => {
    passes++
    return Promise.resolve()
  }, 1_000)
  await turn()
  expect(passes).toBe(1)
  loop.wake.ring()
  await turn()
  expect(passes).toBe(2)
  await loop.clock.advance(1_000)
  expect(passes).toBe(3)
  await loop.stop()
})

it('folds many rings during a pass into one more pass', async () => {
  let passes = 0
  const loop = start(async () => {
    await turn()
    if (passes++ === 0) for (let i = 0; i < 5; i++) loop.wake.ring()
  })
  for (let i = 0; i < 10; i++) await turn()
  expect(passes).toBe(2)
  await loop.stop()
})

it('goes on after a failed pass, with backoff', async () => {
  let passes = 0
  const loop = start(() => {
    passes++
    return passes === 1 ? Promise.reject(new Error('store away')) : Promise.resolve()
  })
  await turn()
  expect(passes).toBe(1)
  await loop.clock.advance(100)
  expect(passes).toBe(2)
  await loop.stop()
})

it('ends when aborted while it waits', async () => {
  const loop = start(() => Promise.resolve())
  await turn()
  await loop.stop()
})

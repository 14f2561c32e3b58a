import { expect, it } from 'vitest'
import { ManualClock, realClock } from './clock.ts'

it('ManualClock wakes sleepers in the order of their time', async () => {
  const clock = new ManualClock()
  const woken: string[] = []
  void clock.sleep(20).then(() => woken.push('late'))
  void clock.sleep(10).then(() => woken.push('early'))
  await clock.advance(5)
  expect(woken).toEqual([])
  await clock.advance(20)
  expect(woken).toEqual(['early', 'late'])
})

it.each([
  ['ManualClock', new ManualClock()],
  ['realClock', realClock],
])('%s sleep rejects with the reason when aborted', async (_name, clock) => {
  const controller = new AbortController()
  const sleep = clock.sleep(60_000, controller.signal)
  controller.abort(new Error('enough'))
  await expect(sleep).rejects.toThrow('enough')
  await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough')
})

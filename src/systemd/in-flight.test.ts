import { expect, it } from 'vitest'
import { InFlight } from './in-flight.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('runs no more calls at a time than its limit, in the order they came', async () => {
  const slots = new InFlight(2)
  const started: number[] = []
  const finish: (() => void)[] = []
  const calls = [0, 1, 2, 3].map((n) =>
    slots.run(() => {
      started.push(n)
      return new Promise<void>((resolve) => finish.push(resolve))
    }),
  )
  await turn()
  expect(started).toEqual([0, 1])
  finish[0]?.()
  await turn()
  expect(started).toEqual([0, 1, 2])
  finish[1]?.()
  await turn()
  finish[2]?.()
  finish[3]?.()
  await Promise.all(calls)
  expect(started).toEqual([0, 1, 2, 3])
})

it('gives the place of a failed call to the next', async () => {
  const slots = new InFlight(1)
  const failing = slots.run(() => Promise.reject(new Error('no')))
  const next = slots.run(() => Promise.resolve('ran'))
  await expect(failing).rejects.toThrow('no')
  await expect(next).resolves.toBe('ran')
})

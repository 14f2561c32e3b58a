import { expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { firstToSucceed } from './first-to-succeed.ts'

/** Tries that end when the test says so. */
function tries() {
  const started: string[] = []
  const ends = new Map<string, { succeed: () => void; fail: () => void; signal: AbortSignal }>()
  const attempt = (name: string, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      started.push(name)
      ends.set(name, { succeed: () => resolve(name), fail: () => reject(new Error(`${name} failed`)), signal })
    })
  return { started, ends, attempt }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

it('the next one starts when the first is slow, and the first may still win', async () => {
  const clock = new ManualClock()
  const { started, ends, attempt } = tries()
  const winner = firstToSucceed(['a', 'b', 'c'], { clock, staggerMs: 100 }, attempt)
  expect(started).toEqual(['a'])
  await clock.advance(99)
  expect(started).toEqual(['a'])
  await clock.advance(1)
  expect(started).toEqual(['a', 'b'])
  ends.get('a')?.succeed()
  expect(await winner).toBe('a')
  await settle()
  await clock.advance(1_000)
  expect(started).toEqual(['a', 'b'])
  expect(ends.get('b')?.signal.aborted).toBe(true)
})

it('the next one starts at once when one fails', async () => {
  const { started, ends, attempt } = tries()
  const winner = firstToSucceed(['a', 'b'], { clock: new ManualClock(), staggerMs: 100 }, attempt)
  ends.get('a')?.fail()
  await settle()
  expect(started).toEqual(['a', 'b'])
  ends.get('b')?.succeed()
  expect(await winner).toBe('b')
})

it('when all fail every reason is told, in order', async () => {
  const clock = new ManualClock()
  const { ends, attempt } = tries()
  const winner = firstToSucceed(['a', 'b'], { clock, staggerMs: 100 }, attempt).catch((error: unknown) => error)
  await clock.advance(100)
  ends.get('b')?.fail()
  ends.get('a')?.fail()
  const error = await winner
  expect(error).toBeInstanceOf(AggregateError)
  expect((error as AggregateError).errors.map(String)).toEqual(['Error: a failed', 'Error: b failed'])
})

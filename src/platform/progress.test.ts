import { expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { createProgress } from './progress.ts'

function start() {
  const clock = new ManualClock()
  const lines: string[] = []
  return { clock, lines, progress: createProgress((text) => lines.push(text), clock) }
}

it('says nothing of a step that takes less than a second', async () => {
  const { lines, progress } = start()
  expect(await progress.step('Looking', () => Promise.resolve(7))).toBe(7)
  expect(lines).toEqual([])
})

it('announces a long step while it runs, and tells its time at its end', async () => {
  const { clock, lines, progress } = start()
  let finish: (() => void) | undefined
  const step = progress.step('Building', () => new Promise<void>((resolve) => (finish = resolve)))
  await clock.advance(1_000)
  expect(lines).toEqual(['Building ...\n'])
  await clock.advance(1_500)
  finish?.()
  await step
  expect(lines).toEqual(['Building ...\n', 'Building: done (2.5 s)\n'])
})

it('hands on the error of a step and tells no end', async () => {
  const { clock, lines, progress } = start()
  let fail: ((error: Error) => void) | undefined
  const step = progress.step('Building', () => new Promise<void>((_, reject) => (fail = reject)))
  const failed = expect(step).rejects.toThrow('no room')
  await clock.advance(1_000)
  fail?.(new Error('no room'))
  await failed
  expect(lines).toEqual(['Building ...\n'])
})

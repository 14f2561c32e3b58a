import { spawn } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { realClock } from '../../lib/clock.ts'
import { endProcess, findByArgument, isAlive, parseStat, processRef, signalProcess } from './processes.ts'

const started: { kill(signal: NodeJS.Signals): boolean }[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** A child that ends by its own after a minute at the latest. */
async function child(script: string, mark: string): Promise<number> {
  const process = spawn('/bin/sh', ['-c', `${script}; echo ready; sleep 60 & wait`, mark], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  started.push(process)
  await new Promise((resolve) => process.stdout.once('data', resolve))
  return process.pid ?? 0
}

describe('parseStat', () => {
  it('reads past a command with blanks and parentheses', () => {
    const stat = `42 (a) b (c) S ${Array.from({ length: 18 }, (_, i) => i).join(' ')} 12345 0`
    expect(parseStat(stat)).toEqual({ state: 'S', threads: 16, startTicks: '12345' })
  })

  it('is undefined for nothing', () => {
    expect(parseStat('')).toBeUndefined()
  })
})

it('finds a process by an argument that only it has', async () => {
  const mark = `/tmp/flota-mark-${process.pid}-find`
  const pid = await child('true', mark)
  expect((await findByArgument(mark)).map((ref) => ref.pid)).toEqual([pid])
  expect(await findByArgument(`${mark}-other`)).toEqual([])
})

it('does not signal another process that has the id by now', async () => {
  const pid = await child('true', `/tmp/flota-mark-${process.pid}-id`)
  const ref = await processRef(pid)
  expect(ref).toBeDefined()
  const earlier = { pid, startTicks: '1' }
  expect(await isAlive(earlier)).toBe(false)
  await signalProcess(earlier, 'SIGKILL')
  expect(ref !== undefined && (await isAlive(ref))).toBe(true)
})

it.each([
  ['asks to end', 'true'],
  ['insists when asking does not help', 'trap "" TERM'],
])('endProcess %s', async (_, script) => {
  const ref = await processRef(await child(script, `/tmp/flota-mark-${process.pid}-end`))
  if (ref === undefined) throw new Error('the child is gone')
  await endProcess(ref, { graceMs: 200, clock: realClock })
  expect(await isAlive(ref)).toBe(false)
})

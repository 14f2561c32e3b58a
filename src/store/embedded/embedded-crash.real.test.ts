import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildChild, type Child, type ChildProgram } from '../../../test/real/child-program.ts'
import { waitFor } from '../../../test/real/wait-for.ts'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import type { ReadResult } from '../store.ts'
import { openEmbeddedStore } from './embedded-store.ts'

const writers = 8
const rounds = 25

describe('the embedded store under kill -9', () => {
  let program: ChildProgram
  let directory: string

  beforeAll(async () => {
    program = await buildChild('test/real/embedded-writer.ts')
    directory = await mkdtemp(join(tmpdir(), 'flota-crash-'))
  })

  afterAll(async () => {
    await program.dispose()
    await rm(directory, { recursive: true, force: true })
  })

  test(`loses no acknowledged commit and shows no half one, ${rounds} times over`, async () => {
    let atLeast = 0n
    for (let round = 0; round < rounds; round += 1) {
      const child = program.start(directory, writers.toString())
      // Another number of writes each time, so that the kill finds the disk at another moment.
      const lines = 40 + round * 17
      await waitFor(`${lines} commits in round ${round}`, () => child.lines.length >= lines)
      child.signal('SIGKILL')
      await child.ended
      const kept = await readAll(directory)
      expectAllKept(kept, child)
      expect(kept.revision).toBeGreaterThan(atLeast)
      atLeast = kept.revision
    }
  })

  test('is open to one process at a time, and to the next once the first is gone', async () => {
    const child = program.start(directory, '1')
    await waitFor('the first commit', () => child.lines.length > 0)
    await expect(readAll(directory)).rejects.toMatchObject({
      code: 'failed_precondition',
      message: `Cannot open store '${directory}': another process has it open`,
    })
    child.signal('SIGKILL')
    await child.ended
    await expect(readAll(directory)).resolves.toBeDefined()
  })
})

async function readAll(directory: string): Promise<ReadResult> {
  const store = await openEmbeddedStore({ directory, clock: realClock, log: silentLog })
  try {
    return await store.read({ prefix: '/' })
  } finally {
    await store.close()
  }
}

function expectAllKept(kept: ReadResult, { lines }: Child): void {
  const entries = new Map(kept.entries.map((entry) => [entry.key, entry]))
  const acknowledged = new Map<string, readonly number[]>()
  for (const line of lines) {
    const [writer = '', ...numbers] = line.split(' ')
    if (numbers.length === 2) acknowledged.set(writer, numbers.map(Number))
  }
  for (const [writer, [count = 0, revision = 0]] of acknowledged) {
    const entry = entries.get(`/count/${writer}`)
    const twin = entries.get(`/twin/${writer}`)
    expect(Number(entry?.value)).toBeGreaterThanOrEqual(count)
    // One more commit of each writer can have been on its way.
    expect(Number(entry?.value)).toBeLessThanOrEqual(count + 1)
    expect(kept.revision).toBeGreaterThanOrEqual(BigInt(revision))
    expect(twin?.value.trimEnd()).toBe(entry?.value)
    expect(twin?.modRevision).toBe(entry?.modRevision)
  }
}

import { describe, expect, test } from 'vitest'
import { Draft } from './draft.ts'
import { GroupWriter } from './group-writer.ts'
import { State, type Outcome } from './state.ts'

/** A writer over a disk that the test answers for: each write waits in `writes` until it is settled. */
function startWriter() {
  const state = new State({ revision: 1n, lastLease: 0n, entries: new Map(), leases: new Map() })
  const writes: { readonly outcome: Outcome; readonly done: () => void; readonly fail: (error: Error) => void }[] = []
  const recoveries: string[] = []
  const writer = new GroupWriter({
    startDraft: () => new Draft(state),
    write: (outcome) => new Promise((done, fail) => writes.push({ outcome, done, fail })),
    apply: (outcome) => state.apply(outcome),
    recover: () => {
      recoveries.push('recovered')
      return Promise.resolve()
    },
  })
  const put = (key: string) => writer.submit((draft) => draft.commit({ operations: [{ kind: 'put', key, value: '' }] }))
  return { state, writer, writes, recoveries, put }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('GroupWriter', () => {
  test('shares one write among all that come while the disk is busy', async () => {
    const { writes, put } = startWriter()
    const first = put('a')
    await settle()
    const others = ['b', 'c', 'd'].map(put)
    writes[0]?.done()
    expect((await first).revision).toBe(2n)
    await settle()
    writes[1]?.done()
    expect((await Promise.all(others)).map(({ revision }) => revision)).toEqual([3n, 4n, 5n])
    expect(writes.map(({ outcome }) => [...outcome.entries.keys()])).toEqual([['a'], ['b', 'c', 'd']])
  })

  test('shows and answers nothing before it is on disk', async () => {
    const { state, writes, put } = startWriter()
    let isAnswered = false
    const answered = put('a').then(() => (isAnswered = true))
    await settle()
    expect([isAnswered, state.entry('a')]).toEqual([false, undefined])
    writes[0]?.done()
    await answered
    expect(state.entry('a')?.modRevision).toBe(2n)
  })

  test('a failed write fails its group as unavailable, shows nothing of it, and recovers before the next', async () => {
    const { state, writes, recoveries, put } = startWriter()
    const group = [put('a'), put('b')]
    await settle()
    writes[0]?.fail(new Error('no space left on device'))
    for (const result of await Promise.allSettled(group)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    }
    expect([state.entry('a'), recoveries.length]).toEqual([undefined, 0])
    const next = put('c')
    await settle()
    writes[1]?.done()
    expect(await next).toMatchObject({ kind: 'committed', revision: 2n })
    expect(recoveries).toEqual(['recovered'])
  })

  test('a call that is refused leaves the others of its group alone', async () => {
    const { writes, put, writer } = startWriter()
    const calls = [
      put('a'),
      writer.submit((draft) => draft.commit({ operations: [{ kind: 'put', key: 'b', value: '', lease: 77n }] })),
      put('c'),
    ]
    await settle()
    writes[0]?.done()
    const results = await Promise.allSettled(calls)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect([...(writes[0]?.outcome.entries.keys() ?? [])]).toEqual(['a', 'c'])
  })

  test('what changes nothing needs no write', async () => {
    const { writes, writer } = startWriter()
    const commit = { compares: [{ key: 'a', modRevision: 9n }], operations: [] }
    expect((await writer.submit((draft) => draft.commit(commit))).kind).toBe('conflict')
    expect(writes).toEqual([])
  })

  test('close waits for what was taken and takes no more', async () => {
    const { writes, writer, put } = startWriter()
    const taken = put('a')
    const closing = writer.close()
    await expect(put('b')).rejects.toMatchObject({ code: 'failed_precondition' })
    await settle()
    writes[0]?.done()
    await closing
    await expect(taken).resolves.toMatchObject({ kind: 'committed' })
  })
})

import { describe, expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import { silentLog } from '../lib/log.ts'
import { followRange } from './feed.ts'
import { CompactedError } from './store.ts'
import type { Change, Entry, Range, ReadResult, Store, WatchBatch } from './store.ts'

const range = { prefix: '/x/' }
const broken = new FlotaError('unavailable', 'Cannot watch the store: the connection broke')

const entry = (key: string, revision: bigint): Entry => ({
  key,
  value: `at ${revision}`,
  createRevision: revision,
  modRevision: revision,
  lease: 0n,
})
const put = (key: string, revision: bigint): Change => ({ kind: 'put', entry: entry(key, revision) })
const batch = (revision: bigint, ...changes: Change[]): WatchBatch => ({ revision, changes })

/** What each read and each watch does, in turn. A watch whose script ends hangs, as a quiet one does. */
interface Script {
  readonly reads: (ReadResult | Error)[]
  readonly watches: (WatchBatch | Error)[][]
}

class ScriptedStore implements Store {
  readonly limits = { maxOperations: 1, maxBytes: 1 }
  readonly calls: string[] = []
  readonly #script: Script

  constructor(script: Script) {
    this.#script = script
  }

  async read(_range: Range, signal?: AbortSignal): Promise<ReadResult> {
    this.calls.push('read')
    return turn(this.#script.reads.shift() ?? (await hang(signal)))
  }

  async *watch(_range: Range, fromRevision: bigint, signal: AbortSignal): AsyncIterable<WatchBatch> {
    this.calls.push(`watch ${fromRevision.toString()}`)
    for (const step of this.#script.watches.shift() ?? []) yield turn(step)
    await hang(signal).catch(() => {})
  }

  commit = refuse
  grantLease = refuse
  renewLease = refuse
  revokeLease = refuse
  leaseRemainingMs = refuse
  close = refuse
}

const refuse = (): Promise<never> => Promise.reject(new Error('a feed only reads'))

function turn<T>(step: T | Error): T {
  if (step instanceof Error) throw step
  return step
}

const hang = (signal?: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))

/** Runs a feed over the script until nothing more happens; what it told, in order. */
async function follow(script: Script, onTold: (told: string, stop: () => void) => void = () => {}) {
  const store = new ScriptedStore(script)
  const clock = new ManualClock()
  const stop = new AbortController()
  const told: string[] = []
  const tell = (what: string) => {
    told.push(what)
    onTold(what, () => stop.abort())
  }
  const done = followRange(store, range, {
    onReset: (entries, revision) => tell(`reset ${revision} [${entries.map((e) => e.key).join(' ')}]`),
    onChanges: (changes, revision) =>
      tell(`changes ${revision} [${changes.map((c) => (c.kind === 'put' ? c.entry.key : `-${c.key}`)).join(' ')}]`),
    onLost: (error) => tell(`lost: ${(error as Error).message}`),
    clock,
    log: silentLog,
    random: () => 0,
    signal: stop.signal,
  })
  done.catch(() => {})
  for (let pass = 0; pass < 20; pass += 1) await clock.advance(3_000)
  stop.abort()
  await done
  return { told, calls: store.calls }
}

describe('followRange', () => {
  test('reads, then watches from the next revision on', async () => {
    const { told, calls } = await follow({
      reads: [{ revision: 7n, entries: [entry('/x/a', 3n)] }],
      watches: [[batch(9n, put('/x/b', 9n)), batch(10n, { kind: 'delete', key: '/x/a', modRevision: 10n })]],
    })
    expect(told).toEqual(['reset 7 [/x/a]', 'changes 9 [/x/b]', 'changes 10 [-/x/a]'])
    expect(calls).toEqual(['read', 'watch 8'])
  })

  test('resumes a broken watch where it ended, without reading again', async () => {
    const { told, calls } = await follow({
      reads: [{ revision: 7n, entries: [] }],
      watches: [[batch(9n, put('/x/b', 9n)), broken], [batch(9n)], []],
    })
    expect(told).toEqual(['reset 7 []', 'changes 9 [/x/b]', `lost: ${broken.message}`, 'changes 9 []'])
    expect(calls).toEqual(['read', 'watch 8', 'watch 10'])
  })

  test('reads again when the revision is no longer kept', async () => {
    const { told, calls } = await follow({
      reads: [
        { revision: 7n, entries: [entry('/x/a', 3n)] },
        { revision: 90n, entries: [entry('/x/b', 80n)] },
      ],
      watches: [[new CompactedError(50n)], [batch(91n, put('/x/c', 91n))]],
    })
    expect(told).toEqual([
      'reset 7 [/x/a]',
      'lost: revisions before 50 are compacted: read again',
      'reset 90 [/x/b]',
      'changes 91 [/x/c]',
    ])
    expect(calls).toEqual(['read', 'watch 8', 'read', 'watch 91'])
  })

  test('reads again when a resumed watch finds its revision compacted', async () => {
    const { calls } = await follow({
      reads: [
        { revision: 7n, entries: [] },
        { revision: 90n, entries: [] },
      ],
      watches: [[broken], [new CompactedError(50n)], []],
    })
    expect(calls).toEqual(['read', 'watch 8', 'watch 8', 'read', 'watch 91'])
  })

  test('keeps trying while the store is away, and says once that it is lost', async () => {
    const { told } = await follow({
      reads: [broken, broken, broken, { revision: 2n, entries: [] }],
      watches: [[broken], [broken], [batch(3n, put('/x/a', 3n))]],
    })
    expect(told).toEqual([`lost: ${broken.message}`, 'reset 2 []', `lost: ${broken.message}`, 'changes 3 [/x/a]'])
  })

  test('waits longer after each failure, up to three seconds', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const store = new ScriptedStore({ reads: Array.from({ length: 50 }, () => broken), watches: [] })
    const done = followRange(store, range, {
      onReset: () => {},
      onChanges: () => {},
      onLost: () => {},
      clock,
      log: silentLog,
      random: () => 1,
      signal: stop.signal,
    })
    const triesAfter: number[] = []
    await clock.advance(0)
    for (const ms of [99, 1, 199, 1, 400, 800, 1_600, 2_999, 1, 2_999, 1]) {
      await clock.advance(ms)
      triesAfter.push(store.calls.length)
    }
    stop.abort()
    await done
    expect(triesAfter).toEqual([1, 2, 2, 3, 4, 5, 6, 6, 7, 7, 8])
  })

  test('ends when its signal aborts, whatever it waits for', async () => {
    for (const script of [
      { reads: [], watches: [] },
      { reads: [{ revision: 1n, entries: [] }], watches: [] },
      { reads: [broken], watches: [] },
    ]) {
      await expect(follow(script)).resolves.toBeDefined()
    }
  })

  test('says nothing more once its signal has aborted', async () => {
    const { told } = await follow(
      { reads: [{ revision: 1n, entries: [] }], watches: [[batch(2n), batch(3n)]] },
      (what, stop) => what.startsWith('changes 2') && stop(),
    )
    expect(told).toEqual(['reset 1 []', 'changes 2 []'])
  })

  test('what a callback throws is not taken for a loss of the store', async () => {
    const feed = follow({ reads: [{ revision: 1n, entries: [] }], watches: [[batch(2n)]] }, (what) => {
      if (what.startsWith('changes')) throw new Error('a bug of the caller')
    })
    await expect(feed).rejects.toThrow('a bug of the caller')
  })
})

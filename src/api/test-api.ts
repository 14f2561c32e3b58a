import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { realClock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import { silentLog } from '../lib/log.ts'
import { parseMachineId } from '../machine/machine.ts'
import { ClusterFeed } from '../store/cluster-feed.ts'
import { MemoryStore } from '../store/memory.ts'
import { buildApi } from './api.ts'
import type { ClusterAccess } from './cluster-access.ts'
import type { LocalJournal } from './local-journal.ts'

/** The journal of machine `aaaa...`, with one line. */
const testJournal: LocalJournal = {
  machine: parseMachineId('a'.repeat(32)),
  read: () =>
    Promise.resolve([{ cursor: 's=1;i=1', time: '2026-01-01T00:00:00.000000Z', source: 'a[1]', message: 'm' }]),
}

/** For tests: the real API and the real feed over a store in memory, on a socket of its own. */
export class TestApi {
  readonly store: MemoryStore
  readonly app: ReturnType<typeof buildApi>
  readonly socketPath: string
  readonly #folder: string
  readonly #feed: ClusterFeed

  private constructor(folder: string, clock: Clock) {
    this.#folder = folder
    this.socketPath = join(folder, 'api.sock')
    this.store = new MemoryStore(clock)
    const parts = { store: this.store, clock, log: silentLog }
    this.#feed = new ClusterFeed({ ...parts, random: () => 0 })
    const cluster: ClusterAccess = { view: (signal, atLeast = 0n) => this.#viewAt(signal, atLeast) }
    this.app = buildApi({ ...parts, cluster, journal: testJournal, version: '1.2.3', tokenLimit: 100 })
  }

  /** `prepare`: before the routes are there, for hooks that watch them. */
  static async listen(prepare: (app: TestApi['app']) => void = () => {}): Promise<TestApi> {
    const api = new TestApi(await mkdtemp(join(tmpdir(), 'flota-api-')), realClock)
    prepare(api.app)
    await api.app.listen({ path: api.socketPath })
    return api
  }

  async #viewAt(signal: AbortSignal, atLeast: bigint) {
    if (this.store.isAway) throw new FlotaError('unavailable', 'the store is away')
    try {
      await this.#feed.acquire(signal)
      await this.#feed.waitForRevision(atLeast, signal)
      return this.#feed.view
    } finally {
      this.#feed.release()
    }
  }

  async close(): Promise<void> {
    await this.app.close()
    await this.#feed.close()
    await this.store.close()
    await rm(this.#folder, { recursive: true })
  }
}

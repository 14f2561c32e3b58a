import type { RouteScheme, RouteStatus } from '../cluster/records.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { writeSafely } from './nginx.ts'
import type { Pool, PeerTable } from './pool.ts'
import { endpointKey, toPeerTable, toPools } from './pool.ts'
import type { Probe, Target } from './probe.ts'
import { Prober } from './probe.ts'
import { filesIn } from './render.ts'
import { loadTable, saveTable } from './saved-table.ts'
import type { Upstream } from './upstreams.ts'
import { wantedUpstreams } from './upstreams.ts'

/** What a balancer reads of the cluster: a view, and whether it is confirmed. */
export interface ViewFeed {
  readonly view: ClusterView
  readonly isCurrent: boolean
}

export interface TrafficOptions {
  readonly directory: string
  readonly feed: ViewFeed
  /** Hands the peers to nginx; resolves when all its workers use them. */
  readonly deliver: (table: PeerTable) => Promise<void>
  readonly probe: Probe
  readonly clock: Clock
  readonly log: Log
  /** Called when a probe changed its mind: `pass` should look again. */
  readonly onHealth: () => void
}

/** Who gets the requests: joins the cluster's view with the probes, and keeps what nginx has equal to it. */
export class Traffic {
  readonly #options: TrafficOptions
  readonly #prober: Prober
  readonly #files: ReturnType<typeof filesIn>
  #upstreams: readonly Upstream[] = []
  #pools: readonly Pool[] = []
  #served: ReadonlySet<string> = new Set()
  #delivered: string | undefined
  #saved = ''
  /** The view's revision at the last change of what is wanted; undefined before the first confirmed view. */
  #wantedRevision: bigint | undefined
  #servedRevision: bigint | undefined

  constructor(options: TrafficOptions) {
    const { log, onHealth } = options
    this.#options = options
    this.#files = filesIn(options.directory)
    this.#prober = new Prober({
      ...options,
      onChange: ({ key }, isHealthy, error) => {
        if (isHealthy) log.info('Endpoint answers', { endpoint: key })
        else log.warn('Endpoint does not answer', { endpoint: key, error })
        onHealth()
      },
    })
  }

  /** Takes up what was served last, so that requests are answered before the store is. */
  async restore(): Promise<void> {
    const { upstreams, served } = await loadTable(this.#files.table)
    this.#upstreams = upstreams
    this.#served = new Set(served)
    this.#look()
    await this.#save(toPeerTable(this.#pools))
  }

  /** The route that takes the public listener. */
  get servedRoute(): { readonly name: string; readonly scheme: RouteScheme } | undefined {
    const served = this.#upstreams.find(({ refusal }) => refusal === undefined)
    return served === undefined ? undefined : { name: served.route, scheme: served.scheme }
  }

  /** The store revision whose endpoints nginx serves; undefined while that is only the table of an earlier run. */
  get servedRevision(): bigint | undefined {
    return this.#servedRevision
  }

  /** One look at everything; nginx has the peers when it resolves. */
  async pass(): Promise<void> {
    this.#readView()
    this.#look()
    const table = toPeerTable(this.#pools)
    await this.#save(table)
    if (table.version !== this.#delivered) await this.#options.deliver(table)
    this.#delivered = table.version
    this.#servedRevision = this.#wantedRevision
  }

  /** nginx may have lost its peers: the next pass hands them over again. */
  forgetDelivery(): void {
    this.#delivered = undefined
  }

  statuses(configError: string | undefined): Readonly<Record<string, RouteStatus>> {
    const pools = new Map(this.#pools.map((pool) => [pool.route, pool]))
    const entries = this.#upstreams.map(({ route, refusal }) => {
      const error = refusal ?? configError
      const { healthy, unhealthy } = pools.get(route) ?? { healthy: [], unhealthy: [] }
      return [route, { healthy, unhealthy, ...(error === undefined ? {} : { error }) }] as const
    })
    return Object.fromEntries(entries)
  }

  close(): void {
    this.#prober.close()
  }

  #readView(): void {
    const { feed } = this.#options
    if (!feed.isCurrent) return
    const wanted = wantedUpstreams(feed.view)
    const hasChanged = JSON.stringify(wanted) !== JSON.stringify(this.#upstreams)
    if (hasChanged || this.#wantedRevision === undefined) this.#wantedRevision = feed.view.revision
    this.#upstreams = wanted
  }

  #look(): void {
    this.#prober.watch(targetsOf(this.#upstreams), (key) => this.#served.has(key))
    this.#pools = toPools(this.#upstreams, {
      isHealthy: (key) => this.#prober.isHealthy(key),
      isServed: (key) => this.#served.has(key),
    })
    this.#served = new Set(this.#pools.flatMap(({ scheme, served }) => served.map((each) => endpointKey(scheme, each))))
  }

  /** nginx reads the peers from here when it starts. A full disk must not keep a change from it while it runs. */
  async #save(table: PeerTable): Promise<void> {
    const saved = { upstreams: this.#upstreams, served: [...this.#served] }
    const text = JSON.stringify(saved)
    if (text === this.#saved) return
    try {
      await writeSafely(this.#files.peers, table.text)
      await saveTable(this.#files.table, saved)
      this.#saved = text
    } catch (error) {
      this.#options.log.error('Cannot save the table of endpoints', { directory: this.#options.directory, error })
    }
  }
}

function targetsOf(upstreams: readonly Upstream[]): readonly Target[] {
  const targets = upstreams.flatMap(({ scheme, places, refusal }) =>
    places.flatMap(({ standing, unit, machine, address, port }) =>
      standing === 'candidate' && refusal === undefined
        ? [{ key: endpointKey(scheme, { unit, machine, address, port }), scheme, address, port }]
        : [],
    ),
  )
  return [...new Map(targets.map((target) => [target.key, target])).values()]
}

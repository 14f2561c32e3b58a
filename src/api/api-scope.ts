import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClusterView } from '../cluster/view.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { withDeadline } from './deadline.ts'
import type { LocalJournal } from './local-journal.ts'

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface ApiDeps {
  readonly store: Store
  readonly cluster: ClusterAccess
  readonly clock: Clock
  readonly log: Log
  /** Without it this API has no logs to give. */
  readonly journal?: LocalJournal
  /** Sent as `Server: fleetd/<version>`. */
  readonly version: string
  /** Entries a page; fleet's `token_limit`. */
  readonly tokenLimit: number
}

/** What the routes work with: the caller's parts, and the revision of the last write that went through here. */
export interface ApiScope extends ApiDeps {
  wrote(revision: bigint): void
  readonly lastWrite: () => bigint
}

export function toScope(deps: ApiDeps): ApiScope {
  let last = 0n
  return {
    ...deps,
    lastWrite: () => last,
    wrote: (revision) => {
      if (revision > last) last = revision
    },
  }
}

/** How long one request may wait for the store before it is answered with 503. */
const answerWithinMs = 5_000

/** A view that holds at least this process's own last write. */
export function readView(scope: ApiScope): Promise<ClusterView> {
  return bounded(scope, 'read the cluster', (signal) => scope.cluster.view(signal, scope.lastWrite()))
}

/** A view that holds everything the store had confirmed when the request came: for reads of one unit. */
export function readLatestView(scope: ApiScope, key: string): Promise<ClusterView> {
  return bounded(scope, 'read the cluster', async (signal) => {
    const { revision } = await scope.store.read({ key }, signal)
    return scope.cluster.view(signal, revision)
  })
}

export function bounded<T>(deps: ApiDeps, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline({ clock: deps.clock, withinMs: answerWithinMs, what }, work)
}

import { Readable } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import { keys } from '../store/keys.ts'
import type { Revision } from '../store/store.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { bounded } from './api-scope.ts'
import { toEventText } from './event-text.ts'
import { followChanges } from './follow-changes.ts'
import { refuseOtherMethods } from './methods.ts'
import { queryValues } from './query.ts'
import { eventsQuerySchema, eventsSchema, refusals } from './schemas.ts'

/** After this long without news a comment goes out: who reads knows that the connection lives, and we learn when it does not. */
const silenceMs = 15_000

/** A watch of the whole cluster for programs: what changes, as server-sent events that a reader can resume. */
export function registerEvents(app: Api, scope: ApiScope): void {
  const path = '/flota/v1/events'
  const closing = new AbortController()
  app.addHook('preClose', (done) => {
    closing.abort()
    done()
  })
  const schema = {
    operationId: 'watchEvents',
    summary: 'What changes in the cluster, as server-sent events',
    querystring: eventsQuerySchema,
    response: { 200: eventsSchema, ...refusals(400, 503) },
  }
  app.get(path, { schema }, async (request, reply) => {
    const after = lastKnown(request.headers['last-event-id'], queryValues(request.query, 'from'))
    const current = await bounded(scope, 'watch the cluster', async (signal) => {
      const { revision } = await scope.store.read({ key: keys.leader }, signal)
      return revision
    })
    const left = new AbortController()
    reply.raw.once('close', () => left.abort())
    const signal = AbortSignal.any([closing.signal, left.signal])
    const news = followChanges({ ...scope, after, current, signal })
    // Pulled, never pushed: who reads slowly holds up the store's watch of this one connection and no memory here.
    const body = Readable.from(withSignsOfLife(news, scope.clock), { objectMode: false })
    // A connection that was kept would hold up the end of the server.
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', Connection: 'close' }
    return reply.headers(headers).send(body)
  })
  refuseOtherMethods(app, { path, allowed: ['GET'], message: 'only GET supported against this resource' })
}

/** A browser that comes back sends the header, and again the query that it began with: the header is newer. */
function lastKnown(header: string | readonly string[] | undefined, query: readonly string[]): Revision | undefined {
  const given = typeof header === 'string' && header !== '' ? header : query[0]
  if (given === undefined) return undefined
  if (/^[0-9]{1,19}$/.test(given)) return BigInt(given)
  throw new FlotaError('invalid_argument', `Cannot continue from revision '${given}': it is not a number`, {
    hint: "Send the 'id' of the last event that was read, or nothing",
  })
}

async function* withSignsOfLife(
  news: ReturnType<typeof followChanges>,
  clock: Clock,
): AsyncGenerator<string, void, undefined> {
  yield ': Flota\n\n'
  let next = news.next()
  try {
    for (;;) {
      const result = await orSilence(next, clock)
      if (result === 'silence') {
        yield ':\n\n'
        continue
      }
      if (result.done === true) return
      yield toEventText(result.value)
      next = news.next()
    }
  } finally {
    next.catch(() => {})
    await news.return(undefined)
  }
}

async function orSilence<T>(next: Promise<T>, clock: Clock): Promise<T | 'silence'> {
  const done = new AbortController()
  const silence = clock.sleep(silenceMs, done.signal).then(
    () => 'silence' as const,
    () => 'silence' as const,
  )
  try {
    return await Promise.race([next, silence])
  } finally {
    done.abort()
  }
}

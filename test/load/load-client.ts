import { parseArgs } from 'node:util'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Answer, Connection } from './connection.ts'
import { openHttp1, openHttp2 } from './connection.ts'

/** A steady load that forgives nothing: each request is sent once, and all but the expected answer is a failure. */
export interface LoadOptions {
  readonly url: string
  readonly seconds: number
  /** Requests a second over all connections; every third is a POST. */
  readonly rate: number
  readonly connections: number
  readonly protocol: 'http1' | 'http2'
}

export interface LoadResult {
  readonly sent: number
  /** Requests that got the expected answer. */
  readonly answers: number
  readonly failed: number
  /** How many failed, by what was seen: "GET ECONNRESET", "POST status 502", "GET wrong body", "POST timeout". */
  readonly failures: Readonly<Record<string, number>>
  /** Expected answers by `x-served-by`. */
  readonly byServer: Readonly<Record<string, number>>
  readonly slowestMs: number
}

const limits = { seconds: 120, rate: 2_000, connections: 200 } as const
const tickMs = 5
const expected = { platform: 'docker', language: 'typescript', result: 'bazinga!' }

/** Resolves once every request that was sent is answered or failed. `signal` ends the sending early. */
export async function runLoad(options: LoadOptions, signal?: AbortSignal): Promise<LoadResult> {
  check(options)
  const connections = Array.from({ length: options.connections }, () => open(options))
  const tally = new Tally()
  const pending: Promise<void>[] = []
  const startMs = performance.now()
  const total = Math.floor(options.rate * options.seconds)
  while (pending.length < total && signal?.aborted !== true) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) * options.rate) / 1_000))
    while (pending.length < due) {
      const connection = connections[pending.length % connections.length]
      if (connection === undefined) break
      pending.push(tally.count(pending.length % 3 === 2 ? 'POST' : 'GET', (method) => connection.send(method)))
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  await Promise.all(pending)
  for (const connection of connections) connection.close()
  return tally.result()
}

function open({ protocol, url }: LoadOptions): Connection {
  return protocol === 'http2' ? openHttp2(new URL(url)) : openHttp1(new URL(url))
}

function check(options: LoadOptions): void {
  for (const [name, most] of Object.entries(limits)) {
    const value = options[name as keyof typeof limits]
    if (!(value > 0 && value <= most))
      throw new Error(`Cannot run a load with ${name} ${value}: 1 to ${most} is expected`)
  }
}

class Tally {
  #answers = 0
  #sent = 0
  #slowestMs = 0
  readonly #failures = new Map<string, number>()
  readonly #byServer = new Map<string, number>()

  async count(method: 'GET' | 'POST', send: (method: 'GET' | 'POST') => Promise<Answer>): Promise<void> {
    this.#sent++
    const startMs = performance.now()
    const problem = await send(method).then(
      (answer) => this.#judge(answer),
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    )
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startMs)
    if (problem !== undefined) raise(this.#failures, `${method} ${problem}`)
  }

  result(): LoadResult {
    return {
      sent: this.#sent,
      answers: this.#answers,
      failed: this.#sent - this.#answers,
      failures: sorted(this.#failures),
      byServer: sorted(this.#byServer),
      slowestMs: Math.round(this.#slowestMs),
    }
  }

  #judge({ status, body, server }: Answer): string | undefined {
    if (status !== 200) return `status ${status}`
    if (!isExpected(body)) return 'wrong body'
    this.#answers++
    raise(this.#byServer, server)
    return undefined
  }
}

function isExpected(body: string): boolean {
  try {
    return JSON.stringify(JSON.parse(body)) === JSON.stringify(expected)
  } catch {
    return false
  }
}

const raise = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
const sorted = (counts: Map<string, number>) => Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '250' },
      connections: { type: 'string', default: '40' },
      protocol: { type: 'string', default: 'http1' },
    },
  })
  const { url, protocol, ...counts } = values
  if (url === undefined || (protocol !== 'http1' && protocol !== 'http2')) {
    throw new Error('Cannot run a load: --url URL is needed, and --protocol http1 or http2')
  }
  const { seconds, rate, connections } = counts
  const numbers = { seconds: Number(seconds), rate: Number(rate), connections: Number(connections) }
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  console.log(JSON.stringify(await runLoad({ url, protocol, ...numbers }, stop.signal)))
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main()

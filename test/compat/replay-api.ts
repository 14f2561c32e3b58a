import type { FastifyInstance } from 'fastify'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { InProcessCluster } from './in-process-cluster.ts'
import type { Outcome, Replay } from './outcome.ts'
import { nameOf, settled } from './outcome.ts'
import type { ApiStep } from './recordings.ts'
import { readApiRecording } from './recordings.ts'

/** Sends every recorded request, over TCP as it was, to one cluster that lives through all groups as the recorded one did. */
export async function openApiReplay(isExpectedToDiffer: (step: string) => boolean): Promise<Replay> {
  const { machines, groups } = readApiRecording()
  const cluster = await InProcessCluster.open(machines)
  const servers = new Map<number, number>()
  const agent = new http.Agent({ keepAlive: true })
  const portOf = async (tokenLimit: number): Promise<number> => {
    const known = servers.get(tokenLimit)
    if (known !== undefined) return known
    const port = await listen(tokenLimit === 100 ? cluster.api : cluster.openApi(tokenLimit))
    servers.set(tokenLimit, port)
    return port
  }
  cluster.live()
  return {
    groups: [...groups.keys()],
    run: async (group) => {
      await cluster.removeUnits()
      if (group.startsWith('pagination')) await removeMetadata(cluster)
      const outcomes: Outcome[] = []
      for (const [at, step] of (groups.get(group) ?? []).entries()) {
        const port = await portOf(step.token_limit ?? 100)
        outcomes.push(
          await settled(
            async () => toOutcome(step, at, await send(step, port, agent)),
            isRead(step) && !isExpectedToDiffer(nameOf(step, at)),
          ),
        )
      }
      return outcomes
    },
    close: async () => {
      agent.destroy()
      await cluster.close()
    },
  }
}

/** Between the recorded groups the metadata of a machine was removed. */
async function removeMetadata({ api }: InProcessCluster): Promise<void> {
  const path = '/43d53688e50a258033221963e58799d3/metadata'
  const payload = ['region', 'disk'].map((key) => ({ op: 'remove', path: `${path}/${key}` }))
  await api.inject({ method: 'PATCH', url: '/fleet/v1/machines', payload: JSON.stringify(payload) })
}

async function listen(api: FastifyInstance): Promise<number> {
  await api.listen({ host: '127.0.0.1', port: 0 })
  return (api.server.address() as AddressInfo).port
}

const isRead = ({ request }: ApiStep): boolean => request.method === 'GET'

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

function send({ request }: ApiStep, port: number, agent: http.Agent): Promise<Answer> {
  const pairs: readonly (readonly [string, string])[] = isPairs(request.headers)
    ? request.headers
    : Object.entries(request.headers)
  const { method, path, body } = request
  const length: readonly (readonly [string, string])[] =
    body === null ? [] : [['Content-Length', String(Buffer.byteLength(body))]]
  const headers = [['Host', 'fleet'] as const, ...pairs, ...length].flat()
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

function isPairs(headers: ApiStep['request']['headers']): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers)
}

function toOutcome(step: ApiStep, at: number, answer: Answer): Outcome {
  // A reply without Content-Length was chunked: framing, which Go does from 2 KiB on.
  const isFramed = step.headers['Content-Length'] !== undefined || step.body === ''
  const show = (status: number, headers: readonly (readonly [string, string | undefined])[], body: string): string => {
    const shown = headers.filter(([name, value]) => value !== undefined && (isFramed || name !== 'Content-Length'))
    return [String(status), ...shown.map(([name, value]) => `${name}: ${value ?? ''}`), '', body].join('\n')
  }
  const replayedHeaders = ['Content-Type', 'Content-Length'].map(
    (name) => [name, toText(answer.headers[name.toLowerCase()])] as const,
  )
  const recordedHeaders = ['Content-Type', 'Content-Length'].map((name) => [name, step.headers[name]] as const)
  const outcome = {
    step: nameOf(step, at),
    recorded: show(step.status, recordedHeaders, step.body),
    replayed: show(answer.status, replayedHeaders, answer.body),
  }
  return anywhere(outcome)
}

/** The machine of a unit depends on what else was loaded there: any will do. Ids are of one length, so nothing else changes. */
function anywhere(outcome: Outcome): Outcome {
  if (outcome.recorded === outcome.replayed) return outcome
  const blur = (text: string) => text.replaceAll(/"machineID":"[0-9a-f]{32}"/g, '"machineID":"*"')
  return { ...outcome, recorded: blur(outcome.recorded), replayed: blur(outcome.replayed) }
}

const toText = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join(', ')

import { FlotaError } from '../lib/errors.ts'
import { readDiscovery, type FetchOptions } from './client.ts'

/**
 * The client URLs of the etcd cluster that was born with this discovery URL, sorted. Asks the members that the token names, at their
 * peer URLs, for the members of today. One try: `unavailable` while the cluster is not there yet.
 */
export async function findClientUrls(discoveryUrl: string, options: FetchOptions): Promise<readonly string[]> {
  const { members } = await readDiscovery(discoveryUrl, options)
  const peerUrls = members.flatMap((member) => member.peerUrls)
  const answered = new AbortController()
  const signal = AbortSignal.any([options.signal, answered.signal])
  try {
    // The first answer counts: a member without power gives none for minutes.
    return await Promise.any(peerUrls.map((url) => readMembers(url, { fetch: options.fetch, signal })))
  } catch (error) {
    options.signal.throwIfAborted()
    const reasons = error instanceof AggregateError ? error.errors.map(reasonOf) : [reasonOf(error)]
    const cause = reasons.length === 0 ? 'nobody has registered yet' : reasons.join('; ')
    throw new FlotaError('unavailable', `Cannot find the etcd members of '${discoveryUrl}': ${cause}`, {
      hint: 'the cluster forms when the last of its members has registered',
    })
  } finally {
    answered.abort()
  }
}

/** etcd serves its members as JSON to its peers. Before the cluster is complete none of them has a client URL. */
async function readMembers(peerUrl: string, { fetch, signal }: FetchOptions): Promise<readonly string[]> {
  const answer = await fetch(`${peerUrl}/members`, { signal })
  const body: unknown = JSON.parse(await answer.text())
  const members: readonly unknown[] = Array.isArray(body) ? body : []
  const clientUrls = [...new Set(members.flatMap(clientUrlsOf))].toSorted()
  if (clientUrls.length === 0) throw new Error(`${peerUrl} knows no client URL yet`)
  return clientUrls
}

function clientUrlsOf(member: unknown): readonly string[] {
  if (typeof member !== 'object' || member === null || !('clientURLs' in member)) return []
  const { clientURLs } = member
  return Array.isArray(clientURLs) ? clientURLs.filter((url): url is string => typeof url === 'string') : []
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

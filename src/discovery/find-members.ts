import { FlotaError, hasCode } from '../lib/errors.ts'
import { readDiscovery, type FetchOptions } from './client.ts'
import { readRemembered, writeRemembered } from './remembered-members.ts'

export interface FindOptions extends FetchOptions {
  /** Where the peer URLs are kept between runs, so that a later one does not need the discovery service. */
  readonly rememberIn?: string
}

/**
 * The client URLs of the etcd cluster that was born with this discovery URL, sorted. Asks the members that the token names, at their
 * peer URLs, for the members of today. One try: `unavailable` while the cluster is not there yet.
 */
export async function findClientUrls(discoveryUrl: string, options: FindOptions): Promise<readonly string[]> {
  const peerUrls = await findPeerUrls(discoveryUrl, options)
  const answers = await Promise.allSettled(peerUrls.map((url) => readMembers(url, options)))
  options.signal.throwIfAborted()
  const clientUrls = answers.find((answer) => answer.status === 'fulfilled' && answer.value.length > 0)
  if (clientUrls?.status === 'fulfilled') return clientUrls.value
  const reasons = answers.map((answer) =>
    answer.status === 'rejected' ? reasonOf(answer.reason) : 'no client URL yet',
  )
  throw new FlotaError(
    'unavailable',
    `Cannot find the etcd members of '${discoveryUrl}': ${reasons.length === 0 ? 'nobody has registered yet' : reasons.join('; ')}`,
    { hint: 'the cluster forms when the last of its members has registered' },
  )
}

async function findPeerUrls(discoveryUrl: string, options: FindOptions): Promise<readonly string[]> {
  const { rememberIn } = options
  try {
    const { members, size } = await readDiscovery(discoveryUrl, options)
    const peerUrls = members.flatMap((member) => member.peerUrls)
    if (rememberIn !== undefined && members.length === size) {
      await writeRemembered(rememberIn, { discovery: discoveryUrl, peerUrls })
    }
    return peerUrls
  } catch (error) {
    const remembered = rememberIn === undefined ? undefined : await readRemembered(rememberIn, discoveryUrl)
    if (remembered === undefined || !isGone(error)) throw error
    return remembered
  }
}

/** The service is away, or has forgotten the token. */
const isGone = (error: unknown): boolean => hasCode(error, 'unavailable') || hasCode(error, 'not_found')

/** etcd serves its members as JSON to its peers. */
async function readMembers(peerUrl: string, { fetch, signal }: FetchOptions): Promise<readonly string[]> {
  const answer = await fetch(`${peerUrl}/members`, { signal })
  const body: unknown = JSON.parse(await answer.text())
  const members: readonly unknown[] = Array.isArray(body) ? body : []
  return [...new Set(members.flatMap(clientUrlsOf))].toSorted()
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

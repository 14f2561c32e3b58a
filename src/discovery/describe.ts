import { FlotaError } from '../lib/errors.ts'
import type { DiscoveryMember, DiscoveryState } from './client.ts'
import { clusterIdOf } from './cluster-id.ts'

export type Format = 'text' | 'json'

/** The value of --output; text when there is none. */
export function parseFormat(word: string | undefined): Format {
  if (word === undefined) return 'text'
  if (word === 'json') return word
  throw new FlotaError('invalid_argument', `Cannot print in format '${word}': only json is known`)
}

/** What `flota discovery show` prints. */
export function describeDiscovery(url: string, state: DiscoveryState, format: Format): string {
  const clusterId = clusterIdOf(url, state)
  if (format === 'json') return `${JSON.stringify({ url, ...state, clusterId }, undefined, 2)}\n`
  const { size, members, late } = state
  const lines = [
    `${members.length} of ${size} members have registered`,
    ...members.map(describeMember),
    ...late.map((member) => `${describeMember(member)}  (too late: the cluster was full)`),
  ]
  if (clusterId !== undefined) lines.push(`The cluster id is ${clusterId}`)
  return `${lines.join('\n')}\n`
}

const describeMember = ({ id, name, peerUrls }: DiscoveryMember): string => `  ${id}  ${name}  ${peerUrls.join(',')}`

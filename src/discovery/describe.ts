import { FlotaError } from '../lib/errors.ts'
import type { DiscoveryMember, DiscoveryState } from './client.ts'
import { clusterIdOf } from './cluster-id.ts'

/** What `flota discovery show` prints: for people, or with the format `json` for programs. */
export function describeDiscovery(url: string, state: DiscoveryState, format: string | undefined): string {
  const clusterId = clusterIdOf(url, state)
  if (format === 'json') return `${JSON.stringify({ url, ...state, clusterId }, undefined, 2)}\n`
  if (format !== undefined) {
    throw new FlotaError('invalid_argument', `Cannot print in format '${format}': only json is known`)
  }
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

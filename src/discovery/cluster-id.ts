import { createHash } from 'node:crypto'
import type { DiscoveryState } from './client.ts'

/**
 * The id that etcd gives a cluster born with this discovery URL, as 16 hex digits (etcd, server/etcdserver/api/membership: NewMember
 * and genID). A member's id is a hash of its peer URLs and the discovery URL; the cluster's is a hash of its members' ids.
 * Undefined as long as members are missing.
 */
export function clusterIdOf(discoveryUrl: string, { size, members }: DiscoveryState): string | undefined {
  if (members.length < size) return undefined
  const ids = members.map(({ peerUrls }) => digest(Buffer.from([...peerUrls].toSorted().join('') + discoveryUrl)))
  return digest(Buffer.concat(ids.toSorted((a, b) => a.compare(b)))).toString('hex')
}

const digest = (content: Buffer): Buffer => createHash('sha1').update(content).digest().subarray(0, 8)

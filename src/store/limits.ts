import { FlotaError } from '../lib/errors.ts'
import type { Commit, Compare, Operation, StoreLimits } from './store.ts'

/**
 * etcd's own defaults (--max-txn-ops, --max-request-bytes), the second with room left for what its messages put around keys and
 * values; the same for both stores, so that what fits one machine still fits when there are several.
 */
export const storeLimits: StoreLimits = { maxOperations: 128, maxBytes: 1_500_000 }

/** Throws `invalid_argument` for a commit that etcd would refuse. */
export function checkCommit({ compares = [], operations }: Commit): void {
  const count = compares.length + operations.length
  if (count > storeLimits.maxOperations) {
    throw refused(`${count} compares and operations are more than ${storeLimits.maxOperations}`)
  }
  const bytes = [...compares, ...operations].reduce((sum, part) => sum + bytesOf(part), 0)
  if (bytes > storeLimits.maxBytes) throw refused(`${bytes} bytes are more than ${storeLimits.maxBytes}`)
  const seen = new Set<string>()
  for (const { key } of operations) {
    if (key === '') throw refused('a key is empty')
    if (seen.has(key)) throw refused(`key '${key}' is changed twice`)
    seen.add(key)
  }
}

const bytesOf = (part: Compare | Operation): number =>
  Buffer.byteLength(part.key) + ('value' in part ? Buffer.byteLength(part.value) : 0)

const refused = (reason: string): FlotaError =>
  new FlotaError('invalid_argument', `Cannot commit to the store: ${reason}`)

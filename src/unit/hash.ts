import { createHash } from 'node:crypto'
import { FlotaError } from '../lib/errors.ts'
import type { UnitHash } from './unit.ts'

/** SHA-1 of a canonical text (`serialiseUnitFile`). It names a content, it protects nothing. */
export function hashUnitText(text: string): UnitHash {
  return createHash('sha1').update(text).digest('hex') as UnitHash
}

export function parseUnitHash(text: string): UnitHash {
  if (!/^[0-9a-f]{40}$/.test(text)) {
    throw new FlotaError('invalid_argument', `Cannot read unit hash '${text}': 40 lower-case hex digits are expected`)
  }
  return text as UnitHash
}

/** The first seven digits, as in fleetctl's lists. */
export const shortHash = (hash: UnitHash): string => hash.slice(0, 7)

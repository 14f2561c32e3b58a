import { gunzipSync } from 'node:zlib'
import { FlotaError } from '../lib/errors.ts'

export type UserData =
  | { readonly kind: 'empty' }
  | { readonly kind: 'cloud-config' | 'script' | 'ignition' | 'unknown'; readonly text: string }

/** Far above any cloud's limit for user-data (64 KiB), far below what unpacking could do to a small machine. */
const maxBytes = 16 * 1024 * 1024

/** What this file is, by the tests and in the order of coreos-cloudinit. */
export function recogniseUserData(bytes: Buffer): UserData {
  const text = unpack(bytes).toString('utf8')
  if (text === '') return { kind: 'empty' }
  const firstLine = text.split('\n', 1)[0] ?? ''
  if (firstLine.startsWith('#!')) return { kind: 'script', text }
  if (firstLine.trimEnd() === '#cloud-config') return { kind: 'cloud-config', text }
  return { kind: isIgnition(text) ? 'ignition' : 'unknown', text }
}

function unpack(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    throw new FlotaError('invalid_argument', 'Cannot unpack user-data', { cause })
  }
}

function isIgnition(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return false
    if ('ignitionVersion' in value) return true
    const inner = 'ignition' in value ? value.ignition : undefined
    return typeof inner === 'object' && inner !== null && 'version' in inner
  } catch {
    return false
  }
}

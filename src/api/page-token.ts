import { FlotaError } from '../lib/errors.ts'

/**
 * fleet's page token: URL-safe base64, padded, of two little-endian 16-bit numbers: entries a page, and the page, from 1. Messages are
 * those of fleet (Go's encoding/base64 and encoding/binary).
 */
export function parsePageToken(text: string, limit: number): number {
  const bytes = decodeBase64(text)
  if (bytes.length === 0) throw invalid('EOF')
  if (bytes.length < 4) throw invalid('unexpected EOF')
  if (bytes.readUInt16LE(0) !== limit) throw invalid(`token limit must be ${limit}`)
  const page = bytes.readUInt16LE(2)
  if (page === 0) throw invalid('token page must be greater than zero')
  return page
}

export function formatPageToken(limit: number, page: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(limit, 0)
  bytes.writeUInt16LE(page, 2)
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken?: string
}

/** Cuts one page out of a fresh listing. A page that is full to its end names a next one, even when that will be empty. */
export function paginate<T>(all: readonly T[], tokens: readonly string[], limit: number): Page<T> {
  if (tokens.length > 1) throw invalid('too many values for page token')
  const page = tokens[0] === undefined ? 1 : parsePageToken(tokens[0], limit)
  const items = all.slice((page - 1) * limit, page * limit)
  return items.length < limit || page === 0xffff
    ? { items }
    : { items, nextPageToken: formatPageToken(limit, page + 1) }
}

function decodeBase64(text: string): Buffer {
  const bad = /[^A-Za-z0-9_-]/.exec(text.replace(/={0,2}$/, ''))
  if (bad) throw invalid(`illegal base64 data at input byte ${bad.index}`)
  // Go names the start of the group of four that is not complete.
  if (text.length % 4 !== 0) throw invalid(`illegal base64 data at input byte ${text.length - (text.length % 4)}`)
  return Buffer.from(text, 'base64url')
}

function invalid(message: string): FlotaError {
  return new FlotaError('invalid_argument', message)
}

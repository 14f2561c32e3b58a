import { asToken, type Token } from './token.ts'

export interface Registration {
  readonly id: string
  /** As etcd wrote it, see `parseMemberValue`. */
  readonly value: string
  /** The index at which it was created: the first `size` by it are the members. */
  readonly index: number
}

export interface TokenRecord {
  readonly token: Token
  readonly size: number
  readonly index: number
  /** Milliseconds since the epoch, for the time to live and for people. */
  readonly createdMs: number
  /** Sorted by index. */
  readonly registrations: readonly Registration[]
}

/** One line of the journal. */
export type Change =
  | {
      readonly kind: 'token'
      readonly index: number
      readonly token: Token
      readonly size: number
      readonly createdMs: number
    }
  | {
      readonly kind: 'member'
      readonly index: number
      readonly token: Token
      readonly id: string
      readonly value: string
    }
  | { readonly kind: 'removed'; readonly index: number; readonly token: Token; readonly id: string }
  | { readonly kind: 'expired'; readonly index: number; readonly token: Token }
  /** Only says how far the index has come, when the changes before it were folded away. */
  | { readonly kind: 'index'; readonly index: number }

export type Tokens = ReadonlyMap<Token, TokenRecord>

export const lastIndex = (changes: readonly Change[]): number =>
  changes.reduce((most, { index }) => Math.max(most, index), 0)

/** The tokens that these changes, in their order, make. */
export function toTokens(changes: readonly Change[]): Map<Token, TokenRecord> {
  const tokens = new Map<Token, TokenRecord>()
  for (const change of changes) applyChange(tokens, change)
  return tokens
}

/** Makes one more change, in place: there may be many tokens. A change of a token that is not there changes nothing. */
export function applyChange(tokens: Map<Token, TokenRecord>, change: Change): void {
  if (change.kind === 'index') return
  if (change.kind === 'token') {
    const { token, size, index, createdMs } = change
    tokens.set(token, { token, size, index, createdMs, registrations: [] })
    return
  }
  const record = tokens.get(change.token)
  if (record === undefined) return
  if (change.kind === 'expired') tokens.delete(change.token)
  else tokens.set(change.token, { ...record, registrations: changeRegistrations(record.registrations, change) })
}

function changeRegistrations(
  before: readonly Registration[],
  change: Extract<Change, { readonly kind: 'member' | 'removed' }>,
): readonly Registration[] {
  const others = before.filter(({ id }) => id !== change.id)
  if (change.kind === 'removed') return others
  return [...others, { id: change.id, value: change.value, index: change.index }]
}

/** The shortest journal that gives these tokens and this index. */
export function foldChanges(tokens: Tokens, index: number): readonly Change[] {
  const changes = [...tokens.values()].flatMap(({ registrations, ...token }): Change[] => [
    { kind: 'token', ...token },
    ...registrations.map((member): Change => ({ kind: 'member', token: token.token, ...member })),
  ])
  return [...changes.toSorted((a, b) => a.index - b.index), { kind: 'index', index }]
}

/** One line of the journal back; undefined when it is no change that this version knows. */
export function parseChange(line: string): Change | undefined {
  const fields = parseObject(line)
  const index = fields?.['index']
  if (fields === undefined || !isCount(index)) return undefined
  if (fields['kind'] === 'index') return { kind: 'index', index }
  const token = asToken(String(fields['token']))
  return token === undefined ? undefined : parseTokenChange(fields, { index, token })
}

function parseTokenChange(
  fields: Readonly<Record<string, unknown>>,
  base: { readonly index: number; readonly token: Token },
): Change | undefined {
  const { kind, size, createdMs, id, value } = fields
  if (kind === 'token' && isCount(size) && typeof createdMs === 'number') return { kind, ...base, size, createdMs }
  if (kind === 'member' && typeof id === 'string' && typeof value === 'string') return { kind, ...base, id, value }
  if (kind === 'removed' && typeof id === 'string') return { kind, ...base, id }
  return kind === 'expired' ? { kind, ...base } : undefined
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

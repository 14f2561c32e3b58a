import { randomBytes } from 'node:crypto'
import type { Brand } from '../lib/brand.ts'

/** 32 lower-case hex digits. Whoever knows it may read and register: 128 bits, so that nobody guesses it. */
export type Token = Brand<string, 'Token'>

export const createToken = (): Token => randomBytes(16).toString('hex') as Token

export function asToken(text: string): Token | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as Token) : undefined
}

import { FlotaError } from '../lib/errors.ts'

/** The number of members a token is for. 0 would be worse than useless: a member that reads it panics. */
export function asSize(text: string): number | undefined {
  const size = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(size) && size >= 1 ? size : undefined
}

export function parseSize(text: string): number {
  const size = asSize(text)
  if (size !== undefined) return size
  throw new FlotaError(
    'invalid_argument',
    `Cannot make a token of size '${text}': a whole number from 1 on is expected`,
    {
      hint: '3 members survive the loss of one machine, 5 of two',
    },
  )
}

import type { Metadata } from './machine.ts'

/**
 * Reads `key=value,key=value` as fleet does: blanks around keys and values are dropped, the last of equal keys wins, and an item
 * without `=` or without a key counts for nothing; `onIgnored` hears of it.
 */
export function parseMetadata(text: string, onIgnored: (item: string) => void = () => {}): Metadata {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  const pairs = items.flatMap((item): readonly (readonly [string, string])[] => {
    const at = item.indexOf('=')
    const key = item.slice(0, Math.max(at, 0)).trim()
    if (key !== '') return [[key, item.slice(at + 1).trim()]]
    onIgnored(item)
    return []
  })
  return Object.fromEntries(pairs)
}

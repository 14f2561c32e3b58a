import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { toDifferencesPage } from './differences-page.ts'

const page = new URL('../../docs/differences-from-fleet.md', import.meta.url)

it('docs/differences-from-fleet.md lists what the replay shows (UPDATE=1 writes it anew)', () => {
  const text = toDifferencesPage()
  if (process.env['UPDATE'] === '1') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { statusOf } from './errors.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ([0-9]+) \|/gm)].map(
  ([, code = '', status]) => [code, Number(status)] as const,
)

it('docs/errors.md has the table of codes and statuses, and nothing else', () => {
  expect(Object.fromEntries(rows)).toEqual(statusOf)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/acceptance.md'), 'utf8')
const rows = [...page.matchAll(/^\| ([AX][0-9]+) \| [^|]+ \| (.+) \|$/gm)].map(([, row = '', where = '']) => ({
  row,
  where,
}))

it('docs/acceptance.md has every row of the table once', () => {
  const numbered = (letter: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
  expect(rows.map(({ row }) => row)).toEqual([...numbered('A', 38), ...numbered('X', 10)])
})

it.each(rows.filter(({ where }) => where.startsWith('`')))('$row is the name of a test in $where', ({ row, where }) => {
  const source = readFileSync(join(root, where.replaceAll('`', '')), 'utf8')
  expect(source).toMatch(new RegExp(`['"\`]${row}\\b`))
})

it.each(rows.filter(({ where }) => !where.startsWith('`')))('$row has a reason instead of a test', ({ where }) => {
  expect(where.length).toBeGreaterThan(10)
})

import { expect, it } from 'vitest'
import { toTable } from './table.ts'

it.each([
  [
    'short cells end at the next tab',
    [
      ['A', 'B'],
      ['x', 'y'],
    ],
    'A\tB\nx\ty\n',
  ],
  [
    'a cell that fills its column takes one more tab',
    [
      ['1234567', 'B'],
      ['12345678', 'y'],
    ],
    '1234567\t\tB\n12345678\ty\n',
  ],
  [
    'empty cells keep their place',
    [
      ['A', '', 'C'],
      ['long enough', 'b', 'c'],
    ],
    'A\t\t\tC\nlong enough\tb\tc\n',
  ],
  [
    'characters count, not bytes',
    [
      ['äöüäöü', 'x'],
      ['1', 'y'],
    ],
    'äöüäöü\tx\n1\ty\n',
  ],
  ['one column needs no tab', [['A'], ['b']], 'A\nb\n'],
  ['nothing is nothing', [], ''],
])('%s', (_, rows, text) => {
  expect(toTable(rows)).toBe(text)
})

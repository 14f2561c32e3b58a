/**
 * Columns as Go's text/tabwriter sets them for fleetctl (cell width in steps of 8, padding 1, filled with tabs), so that scripts which cut
 * at tabs or blanks go on working.
 */
export function toTable(rows: readonly (readonly string[])[], paint: Paint = (cell) => cell): string {
  const widths = rows.reduce<readonly number[]>((known, row) => {
    const here = row.map((cell, at) => Math.max(known[at] ?? 0, length(cell)))
    return [...here, ...known.slice(row.length)]
  }, [])
  return rows
    .map(
      (row) =>
        `${row.map((cell, at) => paint(cell) + padding(cell, widths[at] ?? 0, at === row.length - 1)).join('')}\n`,
    )
    .join('')
}

/** Adds what takes no room on a terminal. */
export type Paint = (cell: string) => string

const tabWidth = 8

function padding(cell: string, widest: number, isLast: boolean): string {
  if (isLast) return ''
  const width = Math.ceil((widest + 1) / tabWidth) * tabWidth
  return '\t'.repeat(Math.ceil((width - length(cell)) / tabWidth))
}

/** Characters as a terminal counts them, not UTF-16 units. */
const length = (text: string): number => Array.from(text).length

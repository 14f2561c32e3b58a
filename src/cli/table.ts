/**
 * Columns as Go's text/tabwriter sets them for fleetctl (cell width in steps of 8, padding 1, filled with tabs), so that scripts which cut
 * at tabs or blanks go on working.
 */
export function toTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<readonly number[]>((known, row) => {
    const here = row.map((cell, at) => Math.max(known[at] ?? 0, length(cell)))
    return [...here, ...known.slice(row.length)]
  }, [])
  return rows
    .map((row) => `${row.map((cell, at) => toCell(cell, widths[at] ?? 0, at === row.length - 1)).join('')}\n`)
    .join('')
}

const tabWidth = 8

function toCell(cell: string, widest: number, isLast: boolean): string {
  if (isLast) return cell
  const width = Math.ceil((widest + 1) / tabWidth) * tabWidth
  return cell + '\t'.repeat(Math.ceil((width - length(cell)) / tabWidth))
}

/** Characters as a terminal counts them, not UTF-16 units. */
const length = (text: string): number => Array.from(text).length

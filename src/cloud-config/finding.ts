/** Something to say about a user-data file. An error or a warning makes `validate` end with 1; nothing stops the rest from being applied. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'info'
  /** From 1. */
  readonly line: number
  readonly column: number
  /** In the words of coreos-cloudinit where it has some. */
  readonly message: string
}

export function describeFinding({ level, line, column, message }: Finding): string {
  return `line ${line}, column ${column}: ${level}: ${message}`
}

/** The order of the file; at one place, the worst first. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const rank = { error: 0, warning: 1, info: 2 }
  return findings.toSorted((a, b) => a.line - b.line || a.column - b.column || rank[a.level] - rank[b.level])
}

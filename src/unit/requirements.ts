/** What `[X-Fleet]` (and `[X-Flota]`) of one unit ask for, specifiers replaced. Lists keep the file's order. */
export interface Requirements {
  readonly machineId: string | undefined
  readonly machineOf: readonly string[]
  /** Key to its alternatives: same key = OR, different keys = AND. */
  readonly metadata: ReadonlyMap<string, readonly string[]>
  /** Globs of path.Match in Go. */
  readonly conflicts: readonly string[]
  readonly replaces: readonly string[]
  readonly isGlobal: boolean
}

/** How machines' processes are started and kept apart on this host. */
export interface Launcher {
  /** Starts the command in a group of its own and returns; it outlives this process. */
  start(launch: Launch): Promise<void>
  isRunning(group: string): Promise<boolean>
  /** SIGKILL to every process of the group at once, then nothing of the group is left. No group is no error. */
  kill(group: string): Promise<void>
}

export interface Launch {
  readonly group: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** File for what the command prints; begun anew. */
  readonly output: string
}

/** What systemd-nspawn ends with when the machine asked for a reboot and somebody else keeps its unit (systemd-nspawn(1), --keep-unit). */
export const rebootStatus = 133

/** How machines' processes are started and kept apart on this host. */
export interface Launcher {
  /** Starts the command in a group of its own, again after each reboot, and returns; it outlives this process. */
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

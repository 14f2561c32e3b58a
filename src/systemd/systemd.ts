import type { UnitName, UnitState } from '../unit/unit.ts'

/**
 * The systemd port, owned by its users (the agent, cloud-config). Two implementations pass one contract suite: D-Bus on systemd's
 * private socket, and a fake for tests. A unit that systemd does not know is never an error where the wish is that it be gone.
 */
export interface Systemd {
  /** Links unit files by absolute path for this boot (`systemctl link --runtime`), then enables those with [Install]. */
  link(paths: readonly string[]): Promise<void>
  enable(paths: readonly string[]): Promise<void>
  /** Removes links and enablement of these units (`systemctl disable --runtime`). */
  unlink(units: readonly UnitName[]): Promise<void>
  /** `systemctl daemon-reload`. Costs 0.1 to 0.3 s and grows with the loaded units: once a pass, and only when a loaded unit's file changed. */
  reload(): Promise<void>
  /**
   * Queues the job, mode `replace`, and resolves when the job is over with its result (`done`, `failed`, `timeout`, ...). `onQueued`
   * is called once systemd took the job: from there on the unit starts whatever becomes of the caller.
   */
  start(unit: UnitName, onQueued?: () => void): Promise<JobResult>
  stop(unit: UnitName): Promise<JobResult>
  resetFailed(unit: UnitName): Promise<void>
  /** States of these units now. A unit that is not loaded is reported as `not-found`/`inactive`/`dead`. */
  states(units: readonly UnitName[]): Promise<ReadonlyMap<UnitName, SystemdUnit>>
  /** Calls back when something about a unit changed, or with undefined when signals may have been missed: look at all again. */
  onChange(listener: (unit: UnitName | undefined) => void): () => void
  close(): Promise<void>
}

/** A word of JobRemoved in org.freedesktop.systemd1(5): `done`, `canceled`, `timeout`, `failed`, `dependency`, `skipped`, ... */
export type JobResult = string

export interface SystemdUnit extends UnitState {
  readonly mainPid: number
  /** 32 hex digits naming this run of the unit; empty when it never ran (systemd.exec(5), $INVOCATION_ID). */
  readonly invocationId: string
  /**
   * systemd says that a reload would change something: always so when the file on disk differs from what it loaded, but also for
   * every unit once any unit was enabled since the last reload (seen with systemd 257). So false is certain and true is a hint.
   */
  readonly needsReload: boolean
  /** Milliseconds since the epoch when the unit entered its active state last; 0 when it never did. */
  readonly activeSinceMs: number
}

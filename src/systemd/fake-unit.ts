import type { UnitName } from '../unit/unit.ts'
import type { JobResult, SystemdUnit } from './systemd.ts'

/** What a scripted unit does other than start and stop at once. */
export interface FakeBehaviour {
  /** How long its start job takes (Type=notify, ExecStartPre=, a pull). */
  readonly startMs?: number
  readonly stopMs?: number
  /** `failed` = its start command exits with an error. */
  readonly startResult?: 'done' | 'failed'
  /** The unit's file cannot be linked, or the job is refused: the call itself rejects. */
  readonly refuses?: 'link' | 'start' | 'stop'
}

export interface FakeUnit {
  readonly name: UnitName
  /** The text systemd works with: that of the file when the unit was loaded. */
  text: string
  active: string
  sub: string
  invocationId: string
  mainPid: number
  activeSinceMs: number
  job: FakeJob | undefined
}

export interface FakeJob {
  readonly verb: 'start' | 'stop'
  readonly cancel: AbortController
  readonly done: Promise<JobResult>
}

/** The sub state of a started unit, by its type; words of systemctl(1). */
const runningSub: Readonly<Record<string, string>> = {
  service: 'running',
  socket: 'listening',
  timer: 'waiting',
  path: 'waiting',
  mount: 'mounted',
  automount: 'waiting',
  swap: 'active',
}

export const isOver = (unit: FakeUnit): boolean => unit.active === 'inactive' || unit.active === 'failed'

export function isOneShot(unit: FakeUnit): boolean {
  return /^Type=oneshot$/m.test(unit.text)
}

export const runningSubOf = (name: UnitName): string => runningSub[name.slice(name.lastIndexOf('.') + 1)] ?? 'active'

export function toState(unit: FakeUnit, needsReload: boolean): SystemdUnit {
  const { active, sub, invocationId, mainPid, activeSinceMs } = unit
  return { load: 'loaded', active, sub, invocationId, mainPid, activeSinceMs, needsReload }
}

import type { ScheduleRecord } from '../cluster/records.ts'
import type { SystemdUnit } from '../systemd/systemd.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import type { LaunchRecord } from './launch-records.ts'

/** In the order in which they are applied. */
export const actionKinds = ['write', 'link', 'reload', 'stop', 'unload', 'start', 'adopt', 'forget'] as const

/**
 * One step for one unit. `adopt` = it runs already, note it as launched; `forget` = it is no longer launched by us; `unload` = take
 * its links, its file and its record away. A `stop` is the last step of its unit in a plan: what follows waits until it is over.
 */
export interface Action {
  readonly kind: (typeof actionKinds)[number]
  readonly unit: UnitName
  readonly reason: string
}

/** What is on this machine of one unit. */
export interface LoadedUnit {
  /** Hash of its file in `units_directory`; undefined = there is none. */
  readonly file: UnitHash | undefined
  readonly launch: LaunchRecord | undefined
  readonly state: SystemdUnit
  /** This flotad has linked and enabled it. */
  readonly isLinked: boolean
}

export interface PlanInput {
  /** This machine's schedule, complete. */
  readonly wanted: ReadonlyMap<UnitName, ScheduleRecord>
  /** Every unit that is wanted or has a file or a record. */
  readonly loaded: ReadonlyMap<UnitName, LoadedUnit>
  /** Units to leave alone for now: a job of theirs runs, their last step failed, or their entry cannot be read. */
  readonly held: ReadonlySet<UnitName>
  readonly bootId: string
}

type Step = readonly [kind: Action['kind'], reason: string]

/** From what is wanted and what is there to the next steps. Pure and sorted; a plan after an applied plan is empty. */
export function planActions({ wanted, loaded, held, bootId }: PlanInput): readonly Action[] {
  const actions = [...loaded]
    .filter(([unit]) => !held.has(unit))
    .flatMap(([unit, there]) => {
      const current = there.launch?.bootId === bootId ? there : { ...there, launch: undefined }
      const entry = wanted.get(unit)
      const steps = entry === undefined ? planGone(there) : planWanted(entry, current)
      return steps.map(([kind, reason]): Action => ({ kind, unit, reason }))
    })
  return actions.toSorted((a, b) => order(a) - order(b) || (a.unit < b.unit ? -1 : 1))
}

const order = ({ kind }: Action): number => actionKinds.indexOf(kind)

/** Processes may be there: everything but the two states that are over (systemd.unit(5)). */
export const isRunning = ({ active }: SystemdUnit): boolean => active !== 'inactive' && active !== 'failed'

function planGone({ file, launch, state }: LoadedUnit): readonly Step[] {
  if (file === undefined && launch === undefined) return []
  return isRunning(state) ? [['stop', 'no longer scheduled here']] : [['unload', 'no longer scheduled here']]
}

function planWanted(entry: ScheduleRecord, there: LoadedUnit): readonly Step[] {
  // A unit on its way out keeps running, and is never started: that is done elsewhere.
  if (entry.phase !== 'placed') return []
  return entry.desired === 'loaded' ? planLoaded(entry, there) : planLaunched(entry, there)
}

function planLoaded(entry: ScheduleRecord, there: LoadedUnit): readonly Step[] {
  if (there.launch === undefined) return planFile(entry, there)
  if (isRunning(there.state)) return [['stop', 'to be loaded only']]
  return [...planFile(entry, there), ['forget', 'stopped']]
}

function planLaunched(entry: ScheduleRecord, there: LoadedUnit): readonly Step[] {
  const { launch, state } = there
  if (launch?.hash === entry.hash && launch.generation === entry.generation) return planCurrent(entry, there, launch)
  if (!isRunning(state)) return [...planFile(entry, there), ['start', launch === undefined ? 'launched' : 'new start']]
  if (launch !== undefined && launch.hash !== entry.hash) return [['stop', 'its file changed']]
  if (launch !== undefined && launch.generation < entry.generation) return [['stop', 'a new start was asked for']]
  if (launch !== undefined) return [...planFile(entry, there), ['adopt', 'runs already']]
  if (there.file === entry.hash) return [...planFile(entry, there), ['adopt', 'runs already']]
  // It runs from a file that is not ours: ours takes its place, and the start changes nothing.
  if (there.file === undefined) return [...planFile(entry, there), ['start', 'launched']]
  return [['stop', 'its file changed']]
}

/** This very start was begun before, perhaps by a flotad that was killed before it could note that systemd took the job. */
function planCurrent(entry: ScheduleRecord, there: LoadedUnit, launch: LaunchRecord): readonly Step[] {
  const steps = planFile(entry, there)
  if (launch.phase === 'started') return steps
  const { state } = there
  const hasRun = isRunning(state) || (state.invocationId !== '' && state.invocationId !== launch.invocation)
  return [...steps, hasRun ? ['adopt', 'was started'] : ['start', 'its start was not taken']]
}

/** `needsReload` alone is no reason: systemd says it of every unit once any unit was enabled. */
function planFile(entry: ScheduleRecord, { file, state, isLinked }: LoadedUnit): readonly Step[] {
  const isKnown = state.load !== 'not-found'
  if (file !== entry.hash) {
    const steps: readonly Step[] = [
      ['write', file === undefined ? 'new here' : 'its file changed'],
      ['link', 'its file was written'],
    ]
    return isKnown ? [...steps, ['reload', 'systemd has another file of it']] : steps
  }
  if (!isKnown) return [['link', 'systemd does not know it']]
  if (isLinked) return []
  const link: Step = ['link', 'flotad was started']
  return state.needsReload ? [link, ['reload', 'flotad was started']] : [link]
}

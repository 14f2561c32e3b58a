import type { ScheduleRecord } from '../cluster/records.ts'
import { FlotaError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Systemd } from '../systemd/systemd.ts'
import type { UnitName } from '../unit/unit.ts'
import type { FileTexts } from './file-texts.ts'
import type { LaunchRecord, LaunchRecords } from './launch-records.ts'
import type { Action } from './plan.ts'
import { actionKinds } from './plan.ts'
import type { UnitFiles } from './unit-files.ts'
import { toUnitFile } from './unit-files.ts'
import type { UnitJobs } from './unit-jobs.ts'
import type { UnitStates } from './unit-states.ts'

export interface ApplyTools {
  readonly systemd: Systemd
  readonly files: UnitFiles
  readonly records: LaunchRecords
  readonly texts: FileTexts
  readonly states: UnitStates
  readonly jobs: UnitJobs
  /** Units that this flotad has linked and enabled. */
  readonly linked: Set<UnitName>
  readonly bootId: string
  readonly log: Log
  readonly onFailed: (unit: UnitName, error: unknown) => void
  readonly onStarted: (unit: UnitName) => void
}

export type Wanted = ReadonlyMap<UnitName, ScheduleRecord>

interface Phase {
  readonly units: readonly UnitName[]
  readonly wanted: Wanted
  readonly tools: ApplyTools
  /** Ends this unit's part of the pass; the others go on. */
  readonly fail: (unit: UnitName, error: unknown) => void
}

/**
 * Applies a plan phase by phase. Inside a phase the units run at the same time and each fails alone: a unit whose step failed is left
 * out of the later phases, and `onFailed` hears why. Stops run on in the background. Never rejects for a unit's failure.
 */
export async function applyActions(actions: readonly Action[], wanted: Wanted, tools: ApplyTools): Promise<void> {
  const failed = new Set<UnitName>()
  const fail = (unit: UnitName, error: unknown) => {
    failed.add(unit)
    tools.onFailed(unit, error)
  }
  for (const kind of actionKinds) {
    const units = actions.filter((action) => action.kind === kind && !failed.has(action.unit)).map(({ unit }) => unit)
    if (units.length > 0) await phases[kind]({ units, wanted, tools, fail })
  }
}

const phases: Readonly<Record<Action['kind'], (phase: Phase) => Promise<void>>> = {
  write: (phase) => each(phase, writeUnit),
  link: linkUnits,
  reload: reloadOnce,
  stop: stopUnits,
  unload: (phase) => each(phase, unloadUnit),
  start: (phase) => each(phase, startUnit),
  adopt: (phase) => each(phase, adoptUnit),
  forget: (phase) => each(phase, (unit, { tools }) => tools.records.remove(unit)),
}

async function each(phase: Phase, step: (unit: UnitName, phase: Phase) => Promise<void>): Promise<void> {
  await Promise.all(
    phase.units.map(async (unit) => {
      try {
        await step(unit, phase)
      } catch (error) {
        phase.fail(unit, error)
      }
    }),
  )
}

async function writeUnit(unit: UnitName, { wanted, tools }: Phase): Promise<void> {
  const { hash } = entryOf(unit, wanted)
  const text = await tools.texts.get(hash)
  if (toUnitFile(text).hash !== hash) {
    throw new FlotaError('internal', `Cannot write unit '${unit}': the store's text for hash ${hash} has another one`)
  }
  await tools.files.write(unit, text)
}

/** One call for all; when systemd refuses it, each unit alone, so that the one it refuses is found. */
async function linkUnits(phase: Phase): Promise<void> {
  const { units, tools } = phase
  try {
    await linkTogether(units, tools)
  } catch (error) {
    const [only, ...others] = units
    if (only !== undefined && others.length === 0) phase.fail(only, error)
    else await each(phase, (unit) => linkTogether([unit], tools))
  }
}

async function linkTogether(units: readonly UnitName[], { systemd, files, linked }: ApplyTools): Promise<void> {
  await systemd.link(units.map((unit) => files.path(unit)))
  const enabled = units.filter((unit) => files.get(unit)?.hasInstall)
  if (enabled.length > 0) await systemd.enable(enabled.map((unit) => files.path(unit)))
  for (const unit of units) linked.add(unit)
}

async function reloadOnce({ units, tools, fail }: Phase): Promise<void> {
  try {
    await tools.systemd.reload()
  } catch (error) {
    for (const unit of units) fail(unit, error)
  }
}

function stopUnits({ units, tools, fail }: Phase): Promise<void> {
  for (const unit of units) tools.jobs.run(unit, () => stopUnit(unit, tools, fail))
  return Promise.resolve()
}

async function stopUnit(unit: UnitName, { systemd, log }: ApplyTools, fail: Phase['fail']): Promise<void> {
  try {
    const result = await systemd.stop(unit)
    if (result !== 'done') throw new FlotaError('internal', `Cannot stop unit '${unit}': its job ended as ${result}`)
    log.info('Unit stopped', { unit })
  } catch (error) {
    fail(unit, error)
  }
}

/** The record goes last: while it is there, a flotad that was killed on the way does the rest. */
async function unloadUnit(unit: UnitName, { tools }: Phase): Promise<void> {
  const { systemd, files, records, linked, log } = tools
  await systemd.unlink([unit])
  await systemd.resetFailed(unit)
  await files.remove(unit)
  await records.remove(unit)
  linked.delete(unit)
  log.info('Unit unloaded', { unit })
}

async function startUnit(unit: UnitName, { wanted, tools }: Phase): Promise<void> {
  const { systemd, records, states, log } = tools
  const state = states.get(unit)
  // A failed unit keeps its old file and its count of starts in systemd until it is reset.
  if (state.active === 'failed') await systemd.resetFailed(unit)
  const record = toRecord(unit, entryOf(unit, wanted), tools)
  await records.put({ ...record, phase: 'starting', invocation: state.invocationId })
  await new Promise<void>((resolve, reject) => {
    const onQueued = () => {
      records.put({ ...record, phase: 'started', invocation: '' }).then(resolve, reject)
    }
    systemd.start(unit, onQueued).then((result) => {
      if (result !== 'done' && result !== 'canceled') log.warn('Unit did not start', { unit, result })
      tools.onStarted(unit)
    }, reject)
  })
  log.info('Unit started', { unit, generation: record.generation })
}

async function adoptUnit(unit: UnitName, { wanted, tools }: Phase): Promise<void> {
  const record = toRecord(unit, entryOf(unit, wanted), tools)
  await tools.records.put({ ...record, phase: 'started', invocation: tools.states.get(unit).invocationId })
  tools.log.info('Unit adopted', { unit })
}

function toRecord(
  unit: UnitName,
  { hash, generation }: ScheduleRecord,
  { bootId }: ApplyTools,
): Pick<LaunchRecord, 'unit' | 'hash' | 'generation' | 'bootId'> {
  return { unit, hash, generation, bootId }
}

function entryOf(unit: UnitName, wanted: Wanted): ScheduleRecord {
  const entry = wanted.get(unit)
  if (entry === undefined) throw new Error(`${unit} is not scheduled here`)
  return entry
}

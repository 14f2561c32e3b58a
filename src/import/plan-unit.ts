import { describeError, FlotaError } from '../lib/errors.ts'
import { hashUnitText } from '../unit/hash.ts'
import type { Requirements } from '../unit/requirements.ts'
import { findUnknownRequirements, parseRequirements } from '../unit/requirements.ts'
import { parseUnitFile, toUnitText } from '../unit/unit-file.ts'
import { isTemplate, parseUnitName } from '../unit/unit-name.ts'
import type { DesiredState, UnitName, UnitOption } from '../unit/unit.ts'
import { desiredStates } from '../unit/unit.ts'
import type { ClusterNow, ClusterUnit } from './cluster-now.ts'
import type { FleetJob, FleetKeyspace } from './fleet-keyspace.ts'

export type UnitAction =
  | 'create'
  | 'set-state' // the cluster has its content already, and wants less of it than fleet did
  | 'keep' // nothing to do
  | 'skip' // not imported; `reason` says why

export interface UnitStep {
  readonly name: string
  readonly action: UnitAction
  readonly desired: DesiredState
  /** Of the text as the cluster will have it; empty where there is none. */
  readonly hash: string
  /** The machine that fleet ran it on; empty where it was on none. */
  readonly target: string
  readonly options: readonly UnitOption[]
  /** Of `keep` and `skip`. */
  readonly reason?: string
  /** What a person should know before it is done. */
  readonly notes: readonly string[]
}

export interface ImportOptions {
  /** Nothing is placed or started: units are only made known. */
  readonly isInactive: boolean
}

export interface PlanUnitContext {
  readonly fleet: FleetKeyspace
  readonly now: ClusterNow
  readonly options: ImportOptions
}

export function planUnit(job: FleetJob, context: PlanUnitContext): UnitStep {
  const known = { name: job.name, target: job.target ?? '' }
  const content = readContent(job, context.fleet)
  if ('fault' in content) {
    return { ...known, action: 'skip', desired: 'inactive', hash: '', options: [], reason: content.fault, notes: [] }
  }
  const { name, options, requirements } = content
  const hash = hashUnitText(content.text)
  const wish = desiredOf(job, name)
  const desired = context.options.isInactive ? 'inactive' : wish.desired
  const notes = [
    ...wish.notes,
    ...(hash === job.hash ? [] : [`its text is written in canonical form, so its hash is no longer ${job.hash ?? ''}`]),
    ...findUnknownRequirements(options).map((key) => `[X-Fleet] has '${key}', which means nothing`),
    ...placementNotes(requirements, context),
  ]
  const step = { ...known, hash, options, desired, notes }
  return { ...step, ...compareWith(context.now.units.get(name), step) }
}

interface Content {
  readonly name: UnitName
  readonly text: string
  readonly options: readonly UnitOption[]
  readonly requirements: Requirements
}

/** Everything that the API would refuse is found here, so that the plan shows it. */
function readContent(job: FleetJob, { texts }: FleetKeyspace): Content | { readonly fault: string } {
  if (job.hash === undefined) return { fault: 'fleet has no readable object of it' }
  const raw = texts.get(job.hash)
  if (raw === undefined) return { fault: `fleet has no text of hash ${job.hash}` }
  try {
    const name = parseUnitName(job.name)
    const options = parseUnitFile(raw)
    if (options.length === 0) return { fault: 'its text has no options' }
    return { name, options, text: toUnitText(options), requirements: parseRequirements(name, options) }
  } catch (error) {
    if (!(error instanceof FlotaError)) throw error
    return { fault: describeError(error) }
  }
}

function desiredOf(job: FleetJob, name: UnitName): { desired: DesiredState; notes: readonly string[] } {
  const desired = desiredStates.find((state) => state === (job.desired ?? 'inactive'))
  if (desired === undefined) {
    return { desired: 'inactive', notes: [`fleet wanted it '${job.desired ?? ''}', which is no state`] }
  }
  if (isTemplate(name) && desired !== 'inactive') {
    return { desired: 'inactive', notes: [`fleet wanted it ${desired}, which a template cannot be`] }
  }
  return { desired, notes: [] }
}

function compareWith(
  before: ClusterUnit | undefined,
  step: Pick<UnitStep, 'hash' | 'desired'>,
): Pick<UnitStep, 'action' | 'reason'> {
  if (before === undefined) return { action: 'create' }
  if (before.hash !== step.hash) {
    return { action: 'skip', reason: `the cluster has it with other content (${before.hash.slice(0, 7)})` }
  }
  // What somebody has started here stays started, whatever fleet still says.
  if (desiredStates.indexOf(step.desired) > desiredStates.indexOf(before.desired)) return { action: 'set-state' }
  return { action: 'keep', reason: `the cluster has it, ${before.desired}` }
}

/** What would keep the unit waiting in this cluster as it is now. */
function placementNotes(requirements: Requirements, { fleet, now }: PlanUnitContext): readonly string[] {
  const { machineId, metadata, machineOf } = requirements
  const machines = [...now.machines]
  const isHere = machineId === undefined || machines.some(([id]) => id === machineId || id.slice(0, 8) === machineId)
  const unmet = [...metadata].filter(
    ([key, values]) => !machines.some(([, published]) => values.includes(published[key] ?? '')),
  )
  const isKnown = (peer: string) => now.units.has(peer) || fleet.jobs.some(({ name }) => name === peer)
  return [
    ...(isHere ? [] : [`the cluster has no machine ${machineId}`]),
    ...unmet.map(([key, values]) => `no machine of the cluster has ${key}=${values.join(' or ')}`),
    ...machineOf.filter((peer) => !isKnown(peer)).map((peer) => `there is no unit ${peer} for it to be with`),
  ]
}

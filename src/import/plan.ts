import type { ClusterNow } from './cluster-now.ts'
import type { FleetKeyspace, FleetMachine, UnknownKey } from './fleet-keyspace.ts'
import type { MetadataStep } from './plan-metadata.ts'
import { planMetadata } from './plan-metadata.ts'
import type { ImportOptions, UnitStep } from './plan-unit.ts'
import { planUnit } from './plan-unit.ts'

/** What an import would do, and what it leaves and why. Planning again after it was done gives nothing to do. */
export interface ImportPlan {
  /** Templates first, then by name. */
  readonly units: readonly UnitStep[]
  readonly metadata: readonly MetadataStep[]
  readonly machines: readonly SeenMachine[]
  /** Texts that no unit refers to: fleet never removed them. */
  readonly unusedTexts: number
  readonly unknown: readonly UnknownKey[]
}

export interface SeenMachine extends FleetMachine {
  /** The cluster has a machine of this id. */
  readonly isHere: boolean
}

export function planImport(fleet: FleetKeyspace, now: ClusterNow, options: ImportOptions): ImportPlan {
  const used = new Set(fleet.jobs.map(({ hash }) => hash))
  return {
    units: fleet.jobs.map((job) => planUnit(job, { fleet, now, options })).toSorted(compareSteps),
    metadata: planMetadata(fleet.metadata, now.machines),
    machines: fleet.machines.map((machine) => ({ ...machine, isHere: now.machines.has(machine.id) })),
    unusedTexts: [...fleet.texts.keys()].filter((hash) => !used.has(hash)).length,
    unknown: fleet.unknown,
  }
}

/** How many writes the plan asks for. */
export function countWrites({ units, metadata }: ImportPlan): number {
  const steps = [...units, ...metadata]
  return steps.filter(({ action }) => action !== 'keep' && action !== 'skip').length
}

const isTemplateStep = ({ name }: UnitStep): boolean => /^[^@]+@\.[a-z]+$/.test(name)

function compareSteps(a: UnitStep, b: UnitStep): number {
  const byKind = Number(isTemplateStep(b)) - Number(isTemplateStep(a))
  return byKind !== 0 ? byKind : a.name < b.name ? -1 : 1
}

import type { ImportPlan } from '../import/plan.ts'
import { countWrites } from '../import/plan.ts'
import { orDash } from './list.ts'
import { toTable } from './table.ts'

/** The plan for a person: a table of what fleet had of each kind, with what becomes of it and why. */
export function describeImportPlan(plan: ImportPlan): string {
  return [toUnitTable(plan), toMetadataTable(plan), toMachineTable(plan), toLeftovers(plan)]
    .filter((part) => part !== '')
    .join('\n')
}

/** The plan for programs. The texts of units are left out: `flota cat` has them once they are imported. */
export function toImportPlanJson(plan: ImportPlan): unknown {
  const units = plan.units.map(({ name, action, desired, hash, target, reason, notes }) => ({
    name,
    action,
    desired,
    hash,
    target,
    reason,
    notes,
  }))
  return { ...plan, units, writes: countWrites(plan) }
}

function toUnitTable({ units }: ImportPlan): string {
  const rows = units.map(({ name, hash, desired, target, action, reason, notes }) => {
    const why = [...(reason === undefined ? [] : [reason]), ...notes]
    const state = action === 'skip' ? '-' : desired
    return [name, orDash(hash.slice(0, 7)), state, orDash(target.slice(0, 8)), action, orDash(why.join('; '))]
  })
  return toTable([['UNIT', 'HASH', 'DSTATE', 'TARGET', 'ACTION', 'WHY'], ...rows])
}

function toMetadataTable({ metadata }: ImportPlan): string {
  if (metadata.length === 0) return ''
  const rows = metadata.map(({ machine, key, value, action, reason = '' }) => [
    machine.slice(0, 8),
    key,
    orDash(value),
    action,
    orDash(reason),
  ])
  return toTable([['MACHINE', 'KEY', 'VALUE', 'ACTION', 'WHY'], ...rows])
}

function toMachineTable({ machines }: ImportPlan): string {
  if (machines.length === 0) return ''
  const rows = machines.map(({ id, ip, metadata, isHere }) => {
    const pairs = Object.entries(metadata).map(([key, value]) => `${key}=${value}`)
    return [id.slice(0, 8), orDash(ip), orDash(pairs.toSorted().join(',')), isHere ? 'yes' : 'no']
  })
  return toTable([['FLEET MACHINE', 'IP', 'METADATA', 'HERE'], ...rows])
}

function toLeftovers({ unusedTexts, unknown }: ImportPlan): string {
  const unused =
    unusedTexts === 0 ? '' : `Left behind: ${unusedTexts} texts that no unit refers to; fleet never removed them\n`
  return unused + unknown.map(({ key, reason }) => `Left behind: ${key}: ${reason}\n`).join('')
}

import type { MachineId } from '../machine/machine.ts'
import { parseMachineId } from '../machine/machine.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'

/**
 * The key space: only this file knows it. Who writes each key is in ARCHITECTURE.md; every key has exactly one writer.
 * Everything lies under one prefix, so that one watch of it is a view of the whole cluster.
 */
export const keyPrefix = '/flota/v1/'

export const keys = {
  unit: (unit: UnitName) => `${keyPrefix}units/${unit}`,
  file: (hash: UnitHash) => `${keyPrefix}files/${hash}`,
  schedule: (machine: MachineId, unit: UnitName) => `${keyPrefix}schedule/${machine}/${unit}`,
  /** The one prefix that an agent watches. */
  scheduleOf: (machine: MachineId) => `${keyPrefix}schedule/${machine}/`,
  waiting: (unit: UnitName) => `${keyPrefix}waiting/${unit}`,
  machineRecord: (machine: MachineId) => `${keyPrefix}machines/${machine}/record`,
  machinePresence: (machine: MachineId) => `${keyPrefix}machines/${machine}/presence`,
  machineMetadata: (machine: MachineId) => `${keyPrefix}machines/${machine}/metadata`,
  state: (machine: MachineId, unit: UnitName) => `${keyPrefix}states/${machine}/${unit}`,
  statesOf: (machine: MachineId) => `${keyPrefix}states/${machine}/`,
  leader: `${keyPrefix}leader`,
  route: (name: string) => `${keyPrefix}routes/${name}`,
  balancer: (machine: MachineId) => `${keyPrefix}balancers/${machine}`,
} as const

/** A key taken apart. `unknown` = written by a newer version: readers leave it alone. */
export type ParsedKey =
  | { readonly kind: 'unit'; readonly unit: UnitName }
  | { readonly kind: 'file'; readonly hash: UnitHash }
  | { readonly kind: 'schedule' | 'state'; readonly machine: MachineId; readonly unit: UnitName }
  | { readonly kind: 'waiting'; readonly unit: UnitName }
  | { readonly kind: 'record' | 'presence' | 'metadata' | 'balancer'; readonly machine: MachineId }
  | { readonly kind: 'leader' }
  | { readonly kind: 'route'; readonly name: string }
  | { readonly kind: 'unknown' }

/** Never throws: names in keys were checked by their writer. */
export function parseKey(key: string): ParsedKey {
  if (!key.startsWith(keyPrefix)) return { kind: 'unknown' }
  const [room = '', first = '', second] = key.slice(keyPrefix.length).split('/')
  switch (room) {
    case 'units':
      return { kind: 'unit', unit: first as UnitName }
    case 'files':
      return { kind: 'file', hash: first as UnitHash }
    case 'waiting':
      return { kind: 'waiting', unit: first as UnitName }
    case 'routes':
      return { kind: 'route', name: first }
    case 'leader':
      return { kind: 'leader' }
    default:
      return parseMachineKey(room, first, second)
  }
}

function parseMachineKey(room: string, id: string, rest: string | undefined): ParsedKey {
  if (!/^[0-9a-f]{32}$/.test(id)) return { kind: 'unknown' }
  const machine = parseMachineId(id)
  if (room === 'balancers' && rest === undefined) return { kind: 'balancer', machine }
  if (rest === undefined) return { kind: 'unknown' }
  if (room === 'schedule') return { kind: 'schedule', machine, unit: rest as UnitName }
  if (room === 'states') return { kind: 'state', machine, unit: rest as UnitName }
  if (room === 'machines' && (rest === 'record' || rest === 'presence' || rest === 'metadata'))
    return { kind: rest, machine }
  return { kind: 'unknown' }
}

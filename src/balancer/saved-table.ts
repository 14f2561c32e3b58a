import { readFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'
import { writeSafely } from './nginx.ts'
import type { Upstream } from './upstreams.ts'

/** What a balancer served last: enough to serve it again when it starts while the store is away. */
export interface SavedTable {
  readonly upstreams: readonly Upstream[]
  /** Keys of the endpoints that served. */
  readonly served: readonly string[]
}

const place = Type.Object({
  unit: Type.Unsafe<UnitName>(Type.String()),
  machine: Type.Unsafe<MachineId>(Type.String()),
  address: Type.String(),
  port: Type.Integer(),
  standing: Type.Union([Type.Literal('candidate'), Type.Literal('down'), Type.Literal('leaving')]),
})
const upstream = Type.Object({
  route: Type.String(),
  scheme: Type.Union([Type.Literal('http'), Type.Literal('https')]),
  places: Type.Array(place),
  refusal: Type.Optional(Type.String()),
})
const savedTable = Compile(Type.Object({ upstreams: Type.Array(upstream), served: Type.Array(Type.String()) }))

/** The table in this file; empty when there is none or it cannot be read: a balancer must start in any case. */
export async function loadTable(path: string): Promise<SavedTable> {
  const text = await readFile(path, 'utf8').catch(() => '')
  try {
    const value: unknown = JSON.parse(text)
    if (savedTable.Check(value)) return value
  } catch {
    // not JSON: as good as missing
  }
  return { upstreams: [], served: [] }
}

export const saveTable = (path: string, table: SavedTable): Promise<void> => writeSafely(path, JSON.stringify(table))

import type { SystemdUnit } from './systemd.ts'

/** What a unit looks like that systemd does not have. */
export const unknownUnit: SystemdUnit = {
  load: 'not-found',
  active: 'inactive',
  sub: 'dead',
  mainPid: 0,
  invocationId: '',
  needsReload: false,
  activeSinceMs: 0,
}

/** One row of ListUnitsByNames, org.freedesktop.systemd1(5). */
export interface UnitRow {
  readonly name: string
  readonly load: string
  readonly active: string
  readonly sub: string
  readonly path: string
}

export function readUnitRows(value: unknown): readonly UnitRow[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((row: unknown) => {
    if (!Array.isArray(row)) return []
    const [name, , load, active, sub, , path] = row.map(String)
    return name === undefined || path === undefined
      ? []
      : [{ name, load: load ?? '', active: active ?? '', sub: sub ?? '', path }]
  })
}

export interface UnitDetails {
  readonly invocationId: unknown
  readonly needsReload: unknown
  readonly activeSinceMicroseconds: unknown
  readonly mainPid: unknown
}

export function toSystemdUnit(row: UnitRow, details: UnitDetails): SystemdUnit {
  const { invocationId, needsReload, activeSinceMicroseconds, mainPid } = details
  return {
    load: row.load,
    active: row.active,
    sub: row.sub,
    mainPid: typeof mainPid === 'number' ? mainPid : 0,
    invocationId: invocationId instanceof Uint8Array ? Buffer.from(invocationId).toString('hex') : '',
    needsReload: needsReload === true,
    activeSinceMs: typeof activeSinceMicroseconds === 'bigint' ? Number(activeSinceMicroseconds / 1_000n) : 0,
  }
}

import type { WireUnit } from '../client/calls.ts'
import { parseRequirements } from '../unit/requirements.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import type { UnitOption } from '../unit/unit.ts'

/** A unit's options as they were sent: the wire leaves out what is empty. */
export function optionsOf({ options = [] }: WireUnit): readonly UnitOption[] {
  return options.map(({ section = '', name = '', value = '' }) => ({ section, name, value }))
}

export function isGlobalUnit(unit: WireUnit): boolean {
  return parseRequirements(parseUnitName(unit.name ?? ''), optionsOf(unit)).isGlobal
}

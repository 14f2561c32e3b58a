import type { Filter } from './filter.ts'

/** `Conflicts=`, from both sides, against everything that takes room there. */
export const conflictsFilter: Filter = {
  name: 'conflicts',
  check: ({ unit, requirements, machine }, overlay) => {
    const other = overlay.occupantsOf(machine.id).findConflict(unit, requirements.conflicts)
    return other === undefined ? undefined : `conflicts with ${other}`
  },
  explain: () => ({ one: 'conflicts', many: 'conflict' }),
}

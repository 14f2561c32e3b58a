import type { Filter } from './filter.ts'

/** `Replaces=` of a unit that is placed there: who was pushed off does not come back. */
export const replacesFilter: Filter = {
  name: 'replaces',
  check: ({ unit, machine }, overlay) => {
    for (const [other, record] of overlay.scheduleOf(machine.id)) {
      if (other === unit || record.phase === 'leaving') continue
      const replaces = overlay.requirementsOf(other)?.replaces ?? []
      if (replaces.some((pattern) => overlay.globs.matches(pattern, unit))) return `has it replaced by ${other}`
    }
    return undefined
  },
  explain: (reason) => ({ one: reason, many: reason.replace(/^has /, 'have ') }),
}

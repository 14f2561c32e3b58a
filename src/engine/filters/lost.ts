import type { Filter } from './filter.ts'

/** Nothing new goes to a machine that is away, judged lost or not yet. */
export const lostFilter: Filter = {
  name: 'lost',
  check: ({ machine }, { lost }) => (machine.presence === undefined || lost.has(machine.id) ? 'is away' : undefined),
  explain: () => ({ one: 'is away', many: 'are away' }),
}

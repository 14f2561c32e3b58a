import type { Filter } from './filter.ts'

/** A machine that came back takes new units only after it reported all that still runs on it. */
export const readyFilter: Filter = {
  name: 'ready',
  check: ({ machine }) => (machine.presence?.value.isReady === true ? undefined : 'is not ready yet'),
  explain: () => ({ one: 'is not ready yet', many: 'are not ready yet' }),
}

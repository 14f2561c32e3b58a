import { conflictsFilter } from './conflicts.ts'
import { elsewhereFilter } from './elsewhere.ts'
import type { Filter } from './filter.ts'
import { lostFilter } from './lost.ts'
import { machineIdFilter } from './machine-id.ts'
import { machineOfFilter } from './machine-of.ts'
import { metadataFilter } from './metadata.ts'
import { readyFilter } from './ready.ts'
import { replacesFilter } from './replaces.ts'

/** In this order: the first that refuses gives the reason, so what a user can least change stands first. */
export const placeFilters: readonly Filter[] = [
  lostFilter,
  machineIdFilter,
  metadataFilter,
  readyFilter,
  machineOfFilter,
  conflictsFilter,
  replacesFilter,
  elsewhereFilter,
]

/** What makes a unit leave a machine by itself, whoever else is there. */
export const stayFilters: readonly Filter[] = [machineIdFilter, metadataFilter]

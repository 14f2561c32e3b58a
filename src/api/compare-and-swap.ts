import { FlotaError } from '../lib/errors.ts'
import type { Operation } from '../store/store.ts'
import type { ApiScope } from './api-scope.ts'
import { bounded } from './api-scope.ts'

/** What to do about one key, decided from its present value; undefined = nothing. The operations are committed together. */
export type Decide = (value: string | undefined) => readonly Operation[] | undefined

const tries = 20

/**
 * Reads the key, decides, commits if the key is still as it was read; else again. Resolves to the value that was there before.
 * Others write the same key rarely, so a handful of tries is plenty.
 */
export function compareAndSwap(scope: ApiScope, key: string, decide: Decide): Promise<string | undefined> {
  return bounded(scope, `write '${key}'`, async (signal) => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const { entries } = await scope.store.read({ key }, signal)
      const entry = entries[0]
      const operations = decide(entry?.value)
      if (operations === undefined) return entry?.value
      const compares = [{ key, modRevision: entry?.modRevision ?? 0n }]
      const result = await scope.store.commit({ compares, operations }, signal)
      if (result.kind === 'committed') {
        scope.wrote(result.revision)
        return entry?.value
      }
    }
    throw new FlotaError('conflict', `Cannot write '${key}': it was changed by others ${tries} times in a row`, {
      hint: 'Try again',
    })
  })
}

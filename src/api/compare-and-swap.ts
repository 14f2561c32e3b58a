import { FlotaError } from '../lib/errors.ts'
import type { Operation } from '../store/store.ts'
import type { ApiScope } from './api-scope.ts'
import { bounded } from './api-scope.ts'

/** What to do about one key, decided from its present value; undefined = nothing. The operations are committed together. */
export type Decide = (value: string | undefined) => readonly Operation[] | undefined

/** The same over several keys, whose values come in the order of the keys: all of them are written, or none. */
export type DecideAll = (values: readonly (string | undefined)[]) => readonly Operation[] | undefined

const tries = 20

/**
 * Reads the key, decides, commits if the key is still as it was read; else again. Resolves to the value that was there before.
 * Others write the same key rarely, so a handful of tries is plenty.
 */
export async function compareAndSwap(scope: ApiScope, key: string, decide: Decide): Promise<string | undefined> {
  const [before] = await compareAndSwapAll(scope, [key], ([value]) => decide(value))
  return before
}

export function compareAndSwapAll(
  scope: ApiScope,
  keys: readonly string[],
  decide: DecideAll,
): Promise<readonly (string | undefined)[]> {
  return bounded(scope, `write '${keys.join("', '")}'`, async (signal) => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const reads = await Promise.all(keys.map((key) => scope.store.read({ key }, signal)))
      const found = reads.map(({ entries }) => entries[0])
      const before = found.map((entry) => entry?.value)
      const operations = decide(before)
      if (operations === undefined) return before
      const compares = keys.map((key, at) => ({ key, modRevision: found[at]?.modRevision ?? 0n }))
      const result = await scope.store.commit({ compares, operations }, signal)
      if (result.kind === 'committed') {
        scope.wrote(result.revision)
        return before
      }
    }
    throw new FlotaError(
      'conflict',
      `Cannot write '${keys.join("', '")}': it was changed by others ${tries} times in a row`,
      { hint: 'Try again' },
    )
  })
}

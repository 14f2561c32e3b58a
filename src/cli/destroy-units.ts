import { deleteUnit } from '../client/calls.ts'
import type { BlockFlags } from './blocking.ts'
import { inWords } from './in-words.ts'
import type { CliDeps } from './deps.ts'
import { waitForUnits } from './wait-for-units.ts'

/** Forgets the units, and unless told otherwise waits until they run nowhere. */
export async function destroyUnits(
  names: readonly string[],
  { block, blockAttempts }: BlockFlags,
  deps: CliDeps,
): Promise<void> {
  const { client } = await deps.connect()
  for (const name of names) {
    await inWords('Error destroying units', () => deleteUnit(client, name))
    deps.stdout.write(`Destroyed ${name}\n`)
  }
  if (block) await waitForUnits(names, { client, deps, goal: 'inactive', blockAttempts })
}

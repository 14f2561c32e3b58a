import { describeError, FlotaError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'

const words = {
  machines: (cause: string) =>
    `Error retrieving list of active machines from fleet API (${cause})\nPossible issues:\n` +
    '  etcd is unhealthy and/or lost quorum\n  connection cannot be established to any etcd servers',
  units: (cause: string) => `Error retrieving list of units from repository: ${cause}`,
}

/** What scripts look for when fleetctl cannot read a list, around the cause; called as flota the cause speaks for itself. */
export async function inListWords<T>(deps: CliDeps, what: keyof typeof words, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (deps.programName !== 'fleetctl' || !(error instanceof FlotaError)) throw error
    throw new FlotaError(error.code, words[what](describeError(error)))
  }
}

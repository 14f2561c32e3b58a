import { FlotaError, describeError } from '../lib/errors.ts'
import { ForgivenError } from './strict-compat.ts'

/** fleetctl's beginning of an error, before what went wrong. */
export async function inWords<T>(words: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FlotaError) || error instanceof ForgivenError || error.code === 'unavailable') throw error
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    throw new FlotaError(error.code, `${words}: ${describeError(error)}`, { ...hint })
  }
}

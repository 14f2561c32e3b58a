import { FlotaError } from '../lib/errors.ts'
import type { Env } from './deps.ts'

/** A command line that cannot be understood, as opposed to one that fails. */
export class UsageError extends FlotaError {}

/** A failure that fleetctl took for success: no units were given, or none of them is known. */
export class ForgivenError extends FlotaError {}

interface Caller {
  readonly programName: string
  readonly env: Env
}

/** FLOTA_STRICT_COMPAT=1 for scripts that were written around fleetctl's exit codes. Means nothing under the name flota. */
export function isStrictCompat({ programName, env }: Caller): boolean {
  return programName === 'fleetctl' && env['FLOTA_STRICT_COMPAT'] === '1'
}

export const forgivenCode = (caller: Caller): number => (isStrictCompat(caller) ? 0 : 1)

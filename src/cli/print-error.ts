import type { CliDeps } from './deps.ts'
import { FlotaError, describeError } from '../lib/errors.ts'

/**
 * What went wrong, and the next step on a line of its own. No stack: the words are for the user. Called as fleetctl only what fleetctl
 * printed: scripts compare it.
 */
export async function printError(
  { stderr, programName }: Pick<CliDeps, 'stderr' | 'programName'>,
  error: unknown,
): Promise<void> {
  const text = describeError(error)
  const hint = programName === 'fleetctl' ? undefined : hintOf(error)
  if (!stderr.isTTY) {
    stderr.write(`${text}\n${hint === undefined ? '' : `${hint}\n`}`)
    return
  }
  const { default: colours } = await import('picocolors')
  stderr.write(`${colours.red(text)}\n${hint === undefined ? '' : `${colours.dim(hint)}\n`}`)
}

function hintOf(error: unknown): string | undefined {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e instanceof FlotaError && e.hint !== undefined) return e.hint
  }
  return undefined
}

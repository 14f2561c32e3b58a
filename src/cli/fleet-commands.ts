import { distanceOf } from '../lib/nearest-name.ts'
import { UsageError } from './strict-compat.ts'

/** What fleetctl knew, by the alphabet. Called as fleetctl, the beginning of a word means one of these, whatever Flota has besides. */
export const fleetVerbs: readonly string[] = [
  'cat',
  'destroy',
  'fd-forward',
  'help',
  'journal',
  'list-machines',
  'list-unit-files',
  'list-units',
  'load',
  'restart',
  'ssh',
  'start',
  'status',
  'stop',
  'submit',
  'unload',
  'verify',
  'version',
]

/** Never shown: it has not worked since fleet 0.11. */
const hiddenVerb = 'verify'

/** fleetctl's words for a command that it does not know, with what begins alike or is two letters away at most. */
export function unknownFleetCommand(word: string): UsageError {
  const near = fleetVerbs.filter((verb) => verb !== hiddenVerb && isNear(word.toLowerCase(), verb))
  const question = near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map((verb) => `\t${verb}\n`).join('')}`
  const error = `unknown command "${word}" for "fleetctl"${question}`
  return new UsageError(
    'invalid_argument',
    `Error: ${error}\nRun 'fleetctl --help' for usage.\ncannot execute cmdFleet: ${error}`,
  )
}

const isNear = (word: string, verb: string): boolean => verb.startsWith(word) || distanceOf(word, verb) <= 2

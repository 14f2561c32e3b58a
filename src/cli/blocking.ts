import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'

/** How long a verb waits for its units. fleetctl counts in attempts of two seconds; 0 attempts = for ever. */
export interface BlockFlags {
  readonly block: boolean
  readonly blockAttempts: number
}

export function addBlockOptions(command: Command): Command {
  return command
    .option('--no-block', 'do not wait for the units')
    .option('--block-attempts <n>', 'wait at most this many times two seconds; 0: for ever', toAttempts, 0)
}

function toAttempts(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Math.max(0, Number(text))
}

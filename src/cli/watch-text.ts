import { describeError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'
import { sleepUnlessStopped } from './sleep-unless-stopped.ts'

const everyMs = 1_000

/** ECMA-48: to the first place, and everything from there on erased. */
const clearScreen = '\u001b[H\u001b[J'

/**
 * Shows a text whenever it changes, until the user ends it: in the same place on a terminal, one after the other with a blank line
 * between where it is piped. Only a first answer that does not come is an error; later the last one stays until there is another.
 */
export async function watchText(deps: CliDeps, read: () => Promise<string>): Promise<void> {
  const { stdout, stderr, clock } = deps
  const stop = deps.interrupted()
  let shown = await read()
  let told: string | undefined
  stdout.write(`${stdout.isTTY ? clearScreen : ''}${shown}`)
  while (await sleepUnlessStopped(clock, everyMs, stop)) {
    try {
      const text = await read()
      if (text !== shown || told !== undefined) stdout.write(`${stdout.isTTY ? clearScreen : '\n'}${text}`)
      shown = text
      told = undefined
    } catch (error) {
      const words = describeError(error)
      if (words !== told) stderr.write(`${words}\n`)
      told = words
    }
  }
}

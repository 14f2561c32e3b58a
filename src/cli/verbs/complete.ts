import type { Command } from 'commander'
import { completeVerb } from '../hidden-verbs.ts'
import { toQuestion } from '../complete-words.ts'
import { readValues } from '../complete-values.ts'
import type { CliDeps } from '../deps.ts'

/** Answers the completion scripts: a line for each way the last word may go on, with its meaning after a tab. */
export function registerComplete(program: Command, deps: CliDeps): void {
  program
    .command(completeVerb, { hidden: true })
    .description('answer the completion scripts')
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const { prefix, word, candidates, kind } = toQuestion(program, words)
      const values = kind === undefined ? [] : await readValues(kind, word, deps)
      const fitting = [...candidates, ...values].filter(({ value }) => value.startsWith(word))
      deps.stdout.write(fitting.map(({ value, meaning }) => `${prefix}${value}\t${meaning}\n`).join(''))
    })
}

import type { Command } from 'commander'
import { examples } from './examples.ts'

/** Ends the help of a command, and of those below it, with its examples. */
export function addExamples(command: Command, programName: string, above = ''): void {
  const path = `${above} ${command.name()}`.trim()
  for (const below of command.commands) addExamples(below, programName, path)
  const shown = examples[path] ?? []
  if (shown.length === 0) return
  const lines = shown.map(({ line, meaning }) => `  ${programName} ${line}\n      ${meaning}`)
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

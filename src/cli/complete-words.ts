import type { Command, Option } from 'commander'

/** What the cluster, or the user's own files, must be asked for. */
export type ValueKind = 'unit' | 'unit-or-file' | 'template' | 'machine' | 'machine-or-unit' | 'context' | 'route'

export interface Candidate {
  readonly value: string
  readonly meaning: string
}

export interface Question {
  /** `--flag=`, where the value after it is completed. */
  readonly prefix: string
  /** What the answers begin with. */
  readonly word: string
  readonly candidates: readonly Candidate[]
  readonly kind: ValueKind | undefined
}

const argumentKinds: Readonly<Record<string, ValueKind>> = {
  submit: 'unit-or-file',
  load: 'unit-or-file',
  start: 'unit-or-file',
  restart: 'unit',
  stop: 'unit',
  unload: 'unit',
  destroy: 'unit',
  cat: 'unit',
  status: 'unit',
  journal: 'unit',
  logs: 'unit',
  why: 'unit',
  scale: 'template',
  ssh: 'machine-or-unit',
  use: 'context',
  'route rm': 'route',
}

const optionKinds: Readonly<Record<string, ValueKind>> = {
  '--context': 'context',
  '--machine': 'machine',
  '--unit': 'unit',
}

interface Place {
  readonly command: Command
  readonly path: string
  /** How many words were no flags and no verbs. */
  readonly given: number
  /** The option whose value comes next. */
  readonly open: Option | undefined
}

/** What is asked for at the end of a line. Pure. */
export function toQuestion(program: Command, words: readonly string[]): Question {
  const word = words.at(-1) ?? ''
  const place = words.slice(0, -1).reduce((here, next) => step(program, here, next), start(program))
  if (place.open !== undefined) return valueOf(place.open, { prefix: '', word })
  const [, flag, rest] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
  const option = flag === undefined ? undefined : findOption(program, place.command, flag)
  if (option !== undefined) return valueOf(option, { prefix: `${flag ?? ''}=`, word: rest ?? '' })
  if (word.startsWith('-')) return { prefix: '', word, kind: undefined, candidates: optionsOf(program, place.command) }
  return { prefix: '', word, ...argumentOf(place) }
}

const start = (program: Command): Place => ({ command: program, path: '', given: 0, open: undefined })

function step(program: Command, here: Place, word: string): Place {
  if (here.open !== undefined) return { ...here, open: undefined }
  if (word.startsWith('-')) {
    const option = findOption(program, here.command, word)
    return option?.required === true ? { ...here, open: option } : here
  }
  const command = here.command.commands.find((one) => one.name() === word)
  if (command === undefined) return { ...here, given: here.given + 1 }
  return { command, path: `${here.path} ${word}`.trim(), given: 0, open: undefined }
}

function findOption(program: Command, command: Command, flag: string): Option | undefined {
  return [...command.options, ...program.options].find((option) => option.long === flag || option.short === flag)
}

function valueOf(option: Option, { prefix, word }: Pick<Question, 'prefix' | 'word'>): Question {
  const candidates = (option.argChoices ?? []).map((value) => ({ value, meaning: '' }))
  return { prefix, word, candidates, kind: optionKinds[option.long ?? ''] }
}

function optionsOf(program: Command, command: Command): readonly Candidate[] {
  const options = command === program ? program.options : [...command.options, ...program.options]
  return options.map(({ long, description }) => ({ value: long ?? '', meaning: description }))
}

function argumentOf({ command, path, given }: Place): Pick<Question, 'candidates' | 'kind'> {
  const verbs = command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ value: one.name(), meaning: one.description() }))
  const last = command.registeredArguments.at(-1)
  const isFull = given >= command.registeredArguments.length && last?.variadic !== true
  const argument = command.registeredArguments[Math.min(given, command.registeredArguments.length - 1)]
  const choices = (argument?.argChoices ?? []).map((value) => ({ value, meaning: '' }))
  return isFull
    ? { candidates: verbs, kind: undefined }
    : { candidates: [...verbs, ...choices], kind: argumentKinds[path] }
}

import type { Option } from 'commander'
import { UsageError } from './strict-compat.ts'

/** Arguments as fleetctl took them, made the ones that commander takes. Pure: flags are looked up in what the commands declare. */
export interface Arguments {
  readonly args: readonly string[]
  /** What `ssh` runs on the machine, as typed. */
  readonly remoteCommand: readonly string[]
}

/** The first argument that is neither a flag nor the value of one. */
export function verbIndex(args: readonly string[], known: readonly Option[]): number {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!arg.startsWith('-') || arg === '-') return at
    if (takesNext(arg, known)) at++
  }
  return -1
}

/** The verb meant by a word: exactly, or the only one that begins with it. Undefined when there is none. */
export function findVerb(word: string, names: readonly string[]): string | undefined {
  if (names.includes(word)) return word
  const matches = names.filter((name) => name.startsWith(word))
  if (matches.length > 1) {
    throw new UsageError('invalid_argument', `Cannot tell which command '${word}' means: ${matches.join(', ')}`, {
      hint: 'Write one of them out',
    })
  }
  return matches[0]
}

/** Cuts off what follows the machine of `ssh`: it belongs to the remote command, flags and all. `at` = where the verb stands. */
export function splitRemoteCommand(args: readonly string[], at: number, known: readonly Option[]): Arguments {
  let isTargetKnown = false
  for (let i = at + 1; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') return { args: args.slice(0, i), remoteCommand: args.slice(i + 1) }
    if (!arg.startsWith('-')) {
      if (isTargetKnown) return { args: args.slice(0, i), remoteCommand: args.slice(i) }
      const rest = args.slice(i + 1)
      return { args: args.slice(0, i + 1), remoteCommand: rest[0] === '--' ? rest.slice(1) : rest }
    }
    if (/^--?(machine|unit)(=|$)/.test(arg)) isTargetKnown = true
    if (takesNext(arg, known)) i++
  }
  return { args, remoteCommand: [] }
}

/**
 * Go's flag forms: `-long` for `--long`, and `=true` or `=false` after a flag that takes no value. `--h` is `--help`. A flag with the
 * default true (`--strict-host-key-checking`) takes its value after `=` only.
 */
export function rewriteGoFlags(args: readonly string[], known: readonly Option[]): readonly string[] {
  const end = args.indexOf('--')
  const flags = end === -1 ? args : args.slice(0, end)
  return [...flags.flatMap((arg) => rewriteOne(arg, known)), ...(end === -1 ? [] : args.slice(end))]
}

const shortForms: Readonly<Record<string, string>> = {
  '--h': '--help',
  '--l': '--full',
  '--f': '--follow',
  '--A': '--forward-agent',
}

function rewriteOne(arg: string, known: readonly Option[]): readonly string[] {
  // A dash and one letter is a short flag already.
  const [, name, value] = /^(?:--|-(?=[^=]{2}))([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s.exec(arg) ?? []
  if (name === undefined) return [arg]
  const long = shortForms[`--${name}`] ?? `--${name}`
  if (long === '--help') return isFalse(value) ? [] : [long]
  const option = known.find((one) => one.long === long)
  return option === undefined ? [arg] : rewriteKnown(option, long, value)
}

function rewriteKnown(option: Option, long: string, value: string | undefined): readonly string[] {
  if (option.optional) return [`${long}=${value ?? 'true'}`]
  if (option.required || value === undefined) return [value === undefined ? long : `${long}=${value}`]
  if (isFalse(value)) return []
  return isTrue(value) ? [long] : [`${long}=${value}`]
}

const isFalse = (word: string | undefined): boolean => word !== undefined && /^(0|f|F|false|FALSE|False)$/.test(word)
export const isTrue = (word: string): boolean => /^(1|t|T|true|TRUE|True)$/.test(word)

function takesNext(arg: string, known: readonly Option[]): boolean {
  if (arg.includes('=')) return false
  const long = arg.replace(/^--?/, '--')
  return known.some((option) => option.required && (option.long === long || option.short === arg))
}

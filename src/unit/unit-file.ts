import { FlotaError } from '../lib/errors.ts'
import type { UnitOption } from './unit.ts'

/** The longest line of systemd (LONG_LINE_MAX), and the longest text that one unit may have, in bytes. */
const maxLineBytes = 1024 * 1024
const maxTextBytes = 1024 * 1024

/**
 * Reads a unit file as fleet does: comments and spacing go, order and repeated keys stay. A continued line keeps its backslash, its
 * newline and the next line's blanks, so that systemd reads the same text that the user wrote.
 */
export function parseUnitFile(text: string): readonly UnitOption[] {
  checkSize(text)
  const lines = new Lines(text)
  const options: UnitOption[] = []
  for (let section = lines.nextSection(); section !== undefined;) section = readSection(lines, section, options)
  return options
}

/** The canonical text: sections in order of first appearance, `name=value` lines, one empty line between sections. */
export function serialiseUnitFile(options: readonly UnitOption[]): string {
  const sections = new Map<string, string[]>()
  for (const { section, name, value } of options) {
    const lines = sections.get(section)
    if (lines === undefined) sections.set(section, [`${name}=${value}\n`])
    else lines.push(`${name}=${value}\n`)
  }
  return [...sections].map(([section, lines]) => `[${section}]\n${lines.join('')}`).join('\n')
}

/**
 * The canonical text of options that did not come from a file (the API's): as fleet does, they are written as a file and read back, so
 * that what is kept is what systemd would read. Throws what the reader throws.
 */
export function toUnitText(options: readonly UnitOption[]): string {
  return serialiseUnitFile(parseUnitFile(serialiseUnitFile(options)))
}

function checkSize(text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxTextBytes) {
    throw invalid(`unit file too long (${bytes} bytes, max ${maxTextBytes} bytes)`)
  }
  // No line can be over the limit in a text that is not.
  if (bytes >= maxLineBytes && text.split('\n').some((line) => Buffer.byteLength(line) >= maxLineBytes)) {
    throw invalid(`line too long (max ${maxLineBytes} bytes)`)
  }
}

/** Reads one section's options and returns the name of the next one, undefined at the end. */
function readSection(lines: Lines, section: string, options: UnitOption[]): string | undefined {
  while (!lines.atEnd()) {
    const line = trim(lines.peek())
    if (line.startsWith('[')) return lines.nextSection()
    if (line === '') lines.take()
    else if (isComment(line)) lines.skipComment()
    else options.push(readOption(lines, section))
  }
  return undefined
}

function readOption(lines: Lines, section: string): UnitOption {
  const line = lines.take()
  const equals = line.indexOf('=')
  // A carriage return within a name ends it for fleet; at the end of a line it is part of the line's end.
  if (equals === -1 || line.slice(0, equals).trimStart().includes('\r')) {
    throw invalid('unexpected newline encountered while parsing option name')
  }
  return { section, name: trim(line.slice(0, equals)), value: readValue(lines, line.slice(equals + 1)) }
}

/** A blank line ends the value and is used up; the newline before it stays, or the next option would be taken for a continuation. */
function readValue(lines: Lines, first: string): string {
  let value = ''
  let line = first
  while (trim(line) !== '') {
    value += line
    if (!line.endsWith('\\')) return asValue(value)
    value += '\n'
    if (lines.atEnd()) break
    line = lines.take()
  }
  return asValue(value)
}

/** A backslash at the end keeps a newline behind it, so that what is written next is not taken for its continuation. */
function asValue(text: string): string {
  const value = trim(text)
  return value.endsWith('\\') ? `${value}\n` : value
}

/** A text line by line, without line ends. */
class Lines {
  readonly #lines: readonly string[]
  #next = 0

  constructor(text: string) {
    const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    if (lines.at(-1) === '') lines.pop()
    this.#lines = lines
  }

  atEnd(): boolean {
    return this.#next >= this.#lines.length
  }

  peek(): string {
    return this.#lines[this.#next] ?? ''
  }

  take(): string {
    return this.#lines[this.#next++] ?? ''
  }

  /** A comment that ends in a backslash, or in one and a space, takes the next line with it. */
  skipComment(): void {
    while (/\\ ?$/.test(this.take()));
  }

  /** Moves behind the next section header and returns its name; what stands before it on its line is skipped, as fleet does. */
  nextSection(): string | undefined {
    while (!this.atEnd()) {
      const line = this.peek()
      const at = line.search(/[[#;]/)
      if (at === -1) this.take()
      else if (isComment(line.slice(at))) this.skipComment()
      else return toSectionName(this.take().slice(at + 1))
    }
    return undefined
  }
}

function toSectionName(rest: string): string {
  const end = rest.indexOf(']')
  if (end === -1) throw invalid('unable to find end of section')
  const name = rest.slice(0, end)
  const garbage = trim(rest.slice(end + 1))
  // fleet names no section here, and shows the bytes as Go prints a list of them.
  if (garbage !== '') throw invalid(`found garbage after section name : [${[...Buffer.from(garbage)].join(' ')}]`)
  return name
}

const isComment = (text: string): boolean => text.startsWith('#') || text.startsWith(';')

/** Go's unicode.IsSpace, which differs from JavaScript's trim in U+0085 and U+FEFF. */
const blank = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const leading = new RegExp(`^${blank}+`)
const isBlank = new RegExp(`^${blank}$`)

function trim(text: string): string {
  let end = text.length
  // From the end by hand: a regular expression anchored there is quadratic on long runs of blanks.
  while (end > 0 && isBlank.test(text.charAt(end - 1))) end--
  return text.slice(0, end).replace(leading, '')
}

function invalid(message: string): FlotaError {
  return new FlotaError('invalid_argument', message)
}

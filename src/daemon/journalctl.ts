import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { JournalLine, JournalQuestion, LocalJournal } from '../api/local-journal.ts'
import { toUtcText } from '../lib/clock.ts'
import { FlotaError } from '../lib/errors.ts'
import type { MachineId } from '../machine/machine.ts'

export interface JournalctlOptions {
  readonly machine: MachineId
  /** Path of journalctl. */
  readonly program?: string
}

/** Enough for ten thousand ordinary lines; whoever wants more reads on behind the last cursor. */
const mostBytes = 4 * 1024 * 1024

/** journalctl(1) in its JSON form, run for each question and ended as soon as there is enough. */
export function journalctl({ machine, program = 'journalctl' }: JournalctlOptions): LocalJournal {
  return { machine, read: (question, signal) => readJournal(program, question, signal) }
}

async function readJournal(
  program: string,
  question: JournalQuestion,
  signal: AbortSignal,
): Promise<readonly JournalLine[]> {
  const child = spawn(program, argumentsFor(question), { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<string | undefined>((resolve) => {
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString('utf8')}`.slice(-1_000)))
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => resolve(code === 0 || code === null ? undefined : words.trim() || `code ${code}`))
  })
  const end = () => child.kill()
  signal.addEventListener('abort', end, { once: true })
  const lines = await collect(createInterface({ input: child.stdout }), question.lines)
  end()
  const failure = await ended
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
  if (failure === undefined) return lines
  throw toError(question, failure)
}

function toError({ unit, after }: JournalQuestion, failure: string): FlotaError {
  const message = `Cannot read logs of unit '${unit}': journalctl: ${failure}`
  if (after !== undefined && failure.startsWith('Failed to seek to cursor')) {
    return new FlotaError('invalid_argument', message, { hint: "Send the 'cursor' of a line of this machine" })
  }
  return new FlotaError('unavailable', message, { hint: "'journalctl --verify' on that machine tells more" })
}

async function collect(input: AsyncIterable<string>, most: number): Promise<readonly JournalLine[]> {
  const lines: JournalLine[] = []
  let bytes = 0
  if (most === 0) return lines
  for await (const text of input) {
    const line = parseJournalLine(text)
    if (line === undefined) continue
    bytes += text.length
    if (bytes > mostBytes) break
    lines.push(line)
    if (lines.length >= most) break
  }
  return lines
}

/** With a cursor journalctl gives all that follows, oldest first; the reader ends it after the first so many. */
function argumentsFor({ unit, lines, after }: JournalQuestion): readonly string[] {
  const fields = 'MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID,SYSLOG_PID'
  const range = after === undefined ? `--lines=${lines}` : `--after-cursor=${after}`
  return ['--no-pager', '--quiet', '--all', '--output=json', `--output-fields=${fields}`, `--unit=${unit}`, range]
}

/** systemd.journal-fields(7). Undefined for what is no entry. */
export function parseJournalLine(text: string): JournalLine | undefined {
  let entry: unknown
  try {
    entry = JSON.parse(text)
  } catch {
    return undefined // journalctl was ended in the middle of a line
  }
  if (typeof entry !== 'object' || entry === null) return undefined
  const fields: Readonly<Record<string, unknown>> = { ...entry }
  const cursor = toText(fields['__CURSOR'])
  const micros = toText(fields['__REALTIME_TIMESTAMP'])
  if (cursor === '' || !/^\d{1,17}$/.test(micros)) return undefined
  const name = toText(fields['SYSLOG_IDENTIFIER']) || toText(fields['_COMM'])
  const pid = toText(fields['_PID']) || toText(fields['SYSLOG_PID'])
  return {
    cursor,
    time: toTime(micros),
    source: pid === '' ? name : `${name}[${pid}]`,
    message: toText(fields['MESSAGE']),
  }
}

/** A value is a text, the numbers of its bytes where it is not UTF-8, or a list of values: then the first counts. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return ''
  if (value.every((byte) => typeof byte === 'number')) return Buffer.from(value).toString('utf8')
  return toText(value[0])
}

function toTime(micros: string): string {
  const padded = micros.padStart(7, '0')
  const seconds = Number(padded.slice(0, -6))
  return toUtcText(seconds * 1_000).replace('.000Z', `.${padded.slice(-6)}Z`)
}

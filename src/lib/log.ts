import { pino } from 'pino'

export type LogFields = Readonly<Record<string, unknown>>

/** Constant message plus fields. error = a person must act; warn = recovers by itself; info = the cluster changed; debug = the rest. */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

export interface LogOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  readonly format: 'text' | 'json'
  /** Where lines go; standard error unless a test wants them. */
  readonly write?: (line: string) => void
}

/** Priorities of sd-daemon(3): journald reads them from the start of the line. */
const priorities: Readonly<Record<string, string>> = { error: '<3>', warn: '<4>', info: '<6>', debug: '<7>' }

export function createLog({ level, format, write = (line) => process.stderr.write(line) }: LogOptions): Log {
  const sink = format === 'json' ? write : (line: string) => write(toText(line))
  const logger = pino(
    {
      level,
      base: null,
      timestamp: format === 'json' ? pino.stdTimeFunctions.isoTime : false,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: sink },
  )
  return {
    error: (message, fields) => logger.error(toPlain(fields), message),
    warn: (message, fields) => logger.warn(toPlain(fields), message),
    info: (message, fields) => logger.info(toPlain(fields), message),
    debug: (message, fields) => logger.debug(toPlain(fields), message),
  }
}

export const silentLog: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

/** Errors and bigints are not JSON: the message is what a reader wants. */
function toPlain(fields: LogFields = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]))
}

function plainValue(value: unknown): unknown {
  if (value instanceof Error) return value.message
  return typeof value === 'bigint' ? value.toString() : value
}

function toText(line: string): string {
  const { level, msg, ...fields } = JSON.parse(line) as { level: string; msg: string }
  const words = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const prefix = process.env['JOURNAL_STREAM'] === undefined ? '' : (priorities[level] ?? '')
  return `${prefix}${[msg, ...words].join(' ')}\n`
}

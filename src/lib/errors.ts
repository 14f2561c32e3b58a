/** The closed list of what can go wrong. The HTTP status of each is in `api/errors.ts`, the exit code in `cli/main.ts`. */
export type ErrorCode =
  | 'invalid_argument' // the caller's input is wrong; asking again gives the same answer
  | 'not_found'
  | 'already_exists'
  | 'failed_precondition' // right input, wrong state of the system
  | 'conflict' // a compare-and-swap was lost; read again and retry
  | 'permission_denied'
  | 'unavailable' // the peer is away; retry later
  | 'deadline_exceeded'
  | 'unsupported'
  | 'internal'

export interface ErrorOptions {
  readonly cause?: unknown
  /** The next step, one sentence without full stop, printed on a line of its own. */
  readonly hint?: string
}

/** The only error class. `message` reads "Cannot <verb> <thing> '<name>': <cause>", without full stop. */
export class FlotaError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'FlotaError'
    this.code = code
    this.hint = options.hint
  }
}

/** True when `error`, or anything in its chain of causes, is a FlotaError with this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e instanceof FlotaError && e.code === code) return true
  }
  return false
}

/** One line for a person: the message, and the messages of its causes where they add something. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : describeError(error.cause)
  return cause === '' || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`
}

/** For the `default` of a `switch` over a union: a case that types say cannot happen. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}

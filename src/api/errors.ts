import type { ErrorCode } from '../lib/errors.ts'
import { FlotaError, describeError } from '../lib/errors.ts'
import type { WireError } from './schemas.ts'

/** The only table from error code to HTTP status. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  invalid_argument: 400,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 409,
  conflict: 409,
  internal: 500,
  unsupported: 501,
  unavailable: 503,
  deadline_exceeded: 503,
}

/** The way back, for the client: what a status means when the body does not say more. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'not_found'
  if (status === 403) return 'permission_denied'
  if (status === 409) return 'failed_precondition'
  if (status === 501) return 'unsupported'
  if (status === 502 || status === 503 || status === 504) return 'unavailable'
  return status >= 500 ? 'internal' : 'invalid_argument'
}

/** fleet's clients look for these words when the store is away. */
export const storeAway = 'fleet server unable to communicate with etcd'

export function errorBody(status: number, message: string, hint?: string): WireError {
  return { error: { code: status, message, ...(hint === undefined ? {} : { hint }) } }
}

export interface Answer {
  readonly status: number
  readonly body: WireError
}

/** What a request that failed is answered. `isFleet`: under fleet's own paths the words are fleet's, without a hint. */
export function toAnswer(error: unknown, isFleet: boolean): Answer {
  const status = statusOfError(error)
  if (status === 503) {
    const hint = isFleet ? undefined : describeError(error)
    return { status, body: errorBody(status, storeAway, hint) }
  }
  if (status >= 500 && !(error instanceof FlotaError)) {
    return {
      status,
      body: errorBody(status, "Cannot answer: internal error; the log of 'fleet.service' there has more"),
    }
  }
  const hint = error instanceof FlotaError && !isFleet ? error.hint : undefined
  return { status, body: errorBody(status, describeError(error), hint) }
}

function statusOfError(error: unknown): number {
  if (error instanceof FlotaError) return statusOf[error.code]
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  // fleet knows no 413: a body that is too big is a bad request like any other.
  if (status === 413) return 400
  return status >= 400 && status < 600 ? status : 500
}

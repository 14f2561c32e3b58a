import { status } from '@grpc/grpc-js'
import { type ErrorCode, FlotaError } from '../../lib/errors.ts'

/** What a call failed with: gRPC's status code and etcd's words. */
export class CallError extends Error {
  readonly status: status
  readonly endpoint: string
  /** False when there was no connection to send it on. */
  readonly wasSent: boolean

  constructor(code: status, details: string, { endpoint, wasSent = true }: CallPlace) {
    super(details)
    this.name = 'CallError'
    this.status = code
    this.endpoint = endpoint
    this.wasSent = wasSent
  }
}

interface CallPlace {
  readonly endpoint: string
  readonly wasSent?: boolean
}

/** A broken connection shows as any of these; grpc-js says INTERNAL for a reset in mid-stream. */
const unreachableMember = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL,
  status.UNKNOWN,
  status.CANCELLED,
])

/** Whether another member may do better. */
export const isMemberTrouble = (error: CallError): boolean => unreachableMember.has(error.status)

/** etcd refuses a call that requires a leader before it does anything with it, so it may be sent elsewhere. */
export const wasNotDone = (error: CallError): boolean =>
  !error.wasSent || (error.status === status.UNAVAILABLE && error.message === 'etcdserver: no leader')

const codes: Readonly<Partial<Record<status, ErrorCode>>> = {
  [status.DEADLINE_EXCEEDED]: 'deadline_exceeded',
  [status.INVALID_ARGUMENT]: 'invalid_argument',
  [status.NOT_FOUND]: 'not_found',
  [status.FAILED_PRECONDITION]: 'failed_precondition',
  [status.PERMISSION_DENIED]: 'permission_denied',
  [status.UNAUTHENTICATED]: 'permission_denied',
  [status.UNIMPLEMENTED]: 'unsupported',
}

const hints: Readonly<Partial<Record<status, string>>> = {
  [status.UNAVAILABLE]: 'see whether etcd runs there and a majority of its members is up: etcdctl endpoint health',
  [status.DEADLINE_EXCEEDED]:
    'see whether etcd runs there and a majority of its members is up: etcdctl endpoint health',
  [status.RESOURCE_EXHAUSTED]: "make room in etcd's database: etcdctl compact, etcdctl defrag, etcdctl alarm disarm",
}

/** `doing` completes "Cannot ...". */
export function toFlotaError(error: CallError, doing: string): FlotaError {
  const hint = hints[error.status]
  const code = codes[error.status] ?? 'unavailable'
  const cause = error.message.charAt(0).toLowerCase() + error.message.slice(1)
  const message = `Cannot ${doing} etcd at '${error.endpoint}': ${cause}`
  return new FlotaError(code, message, { cause: error, ...(hint === undefined ? {} : { hint }) })
}

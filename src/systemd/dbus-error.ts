import type { ErrorCode } from '../lib/errors.ts'
import { FlotaError } from '../lib/errors.ts'

/** Names of org.freedesktop.systemd1(5) and of the D-Bus specification; what is not listed is `internal`. */
const codes: Readonly<Record<string, ErrorCode>> = {
  'org.freedesktop.systemd1.NoSuchUnit': 'not_found',
  'org.freedesktop.systemd1.NoSuchJob': 'not_found',
  'org.freedesktop.DBus.Error.FileNotFound': 'not_found',
  'org.freedesktop.DBus.Error.UnknownObject': 'not_found',
  'System.Error.ENOENT': 'not_found',
  'org.freedesktop.systemd1.UnitExists': 'already_exists',
  'org.freedesktop.systemd1.UnitMasked': 'failed_precondition',
  'org.freedesktop.systemd1.LoadFailed': 'failed_precondition',
  'org.freedesktop.systemd1.BadUnitSetting': 'failed_precondition',
  'org.freedesktop.systemd1.OnlyByDependency': 'failed_precondition',
  'org.freedesktop.systemd1.NoIsolation': 'failed_precondition',
  'org.freedesktop.systemd1.ShuttingDown': 'failed_precondition',
  'org.freedesktop.DBus.Error.InvalidArgs': 'invalid_argument',
  'org.freedesktop.DBus.Error.AccessDenied': 'permission_denied',
  'org.freedesktop.DBus.Error.NoReply': 'deadline_exceeded',
  'org.freedesktop.DBus.Error.Disconnected': 'unavailable',
  'org.freedesktop.DBus.Error.LimitsExceeded': 'unavailable',
}

/** `what` is the start of the sentence: "Cannot start unit 'a.service'". */
export function fromDbusError(error: unknown, what: string): FlotaError {
  const cause = error instanceof Error ? error : new Error(String(error))
  const message = `${what}: ${lowerFirst(cause.message.replace(/\.$/, ''))}`
  return new FlotaError(codes[dbusNameOf(error)] ?? 'internal', message, { cause: error })
}

function dbusNameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('dbusName' in error)) return ''
  return typeof error.dbusName === 'string' ? error.dbusName : ''
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

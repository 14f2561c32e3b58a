import { FlotaError } from '../lib/errors.ts'
import type { LeaseId } from './store.ts'

/** What both stores say in the same words. */

export const leaseGone = (lease: LeaseId): FlotaError =>
  new FlotaError('not_found', `Cannot put keys under lease '${lease.toString(16)}': it has ended`)

export const storeClosed = (): FlotaError => new FlotaError('failed_precondition', 'Cannot use the store: it is closed')

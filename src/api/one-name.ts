import { FlotaError } from '../lib/errors.ts'

/** `units/` names no unit and `units/a%2Fb` a path below one, for every method, as they do for fleet: there is nothing there. */
export function checkOneName(params: unknown): void {
  if (typeof params !== 'object' || params === null || !('name' in params)) return
  const { name } = params
  if (typeof name === 'string' && (name === '' || name.includes('/'))) throw new FlotaError('not_found', '')
}

import type { ApiClient } from '../client/api-client.ts'
import { patchMetadata, putUnit } from '../client/calls.ts'
import { describeError, hasCode } from '../lib/errors.ts'
import type { ImportPlan } from '../import/plan.ts'
import type { UnitStep } from '../import/plan-unit.ts'
import type { MetadataStep } from '../import/plan-metadata.ts'

export interface ApplyImportOptions {
  readonly client: ApiClient
  /** Ends it between two steps. */
  readonly signal: AbortSignal
  /** Hears of each step that is done. */
  readonly onDone: (line: string) => void
  /** Hears of each step that was refused; the others go on. */
  readonly onFailed: (line: string) => void
}

interface Write {
  readonly what: string
  readonly done: string
  readonly run: () => Promise<unknown>
}

/**
 * Does what the plan says, each step in one request and metadata first, so that units are placed by it. Rejects when the cluster
 * is away or the signal aborts: a new plan has what is still to be done.
 */
export async function applyImport(plan: ImportPlan, options: ApplyImportOptions): Promise<void> {
  const writes = [
    ...plan.metadata.flatMap((step) => toMetadataWrite(step, options)),
    ...plan.units.flatMap((step) => toUnitWrite(step, options)),
  ]
  for (const { what, done, run } of writes) {
    options.signal.throwIfAborted()
    try {
      await run()
      options.onDone(done)
    } catch (error) {
      if (hasCode(error, 'unavailable') || hasCode(error, 'deadline_exceeded')) throw error
      options.onFailed(`Cannot import ${what}: ${describeError(error)}`)
    }
  }
}

function toMetadataWrite(step: MetadataStep, { client }: ApplyImportOptions): readonly Write[] {
  const { action, machine, key, value } = step
  if (action !== 'set' && action !== 'remove') return []
  const path = `/${machine}/metadata/${key}`
  const operation = action === 'set' ? ({ op: 'add', path, value } as const) : ({ op: 'remove', path } as const)
  const done = action === 'set' ? `Metadata ${key}=${value} set` : `Metadata ${key} removed`
  const what = `metadata '${key}' of machine '${machine}'`
  return [{ what, done: `${done} on ${machine}`, run: () => patchMetadata(client, [operation]) }]
}

function toUnitWrite(step: UnitStep, { client }: ApplyImportOptions): readonly Write[] {
  const { action, name, desired, options } = step
  if (action !== 'create' && action !== 'set-state') return []
  const body = { name, desiredState: desired, ...(action === 'create' ? { options: [...options] } : {}) }
  const done = action === 'create' ? `Unit ${name} created, ${desired}` : `Unit ${name} set to ${desired}`
  return [{ what: `unit '${name}'`, done, run: () => putUnit(client, name, body) }]
}

import type { UnitRecord } from '../cluster/records.ts'
import { FlotaError } from '../lib/errors.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { Operation } from '../store/store.ts'
import { hashUnitText } from '../unit/hash.ts'
import { parseRequirements } from '../unit/requirements.ts'
import { parseUnitFile, toUnitText } from '../unit/unit-file.ts'
import { isTemplate, parseUnitName } from '../unit/unit-name.ts'
import type { DesiredState, UnitName, UnitOption } from '../unit/unit.ts'
import { desiredStates } from '../unit/unit.ts'
import type { ApiScope } from './api-scope.ts'
import { compareAndSwap } from './compare-and-swap.ts'
import type { UnitBody } from './schemas.ts'

/** `created` = new, or with new content; `changed` = at most its desired state is another one. */
export type PutOutcome = 'created' | 'changed'

interface Wish {
  readonly name: UnitName
  readonly text: string | undefined
  readonly desired: DesiredState | undefined
}

/** Creates the unit, replaces its content or sets its desired state, in one commit; checks come in fleet's order. */
export async function putUnit(scope: ApiScope, urlName: string, body: UnitBody): Promise<PutOutcome> {
  const wish = toWish(urlName, body)
  const key = keys.unit(wish.name)
  let outcome: PutOutcome = 'changed'
  await compareAndSwap(scope, key, (value) => {
    const before = value === undefined ? undefined : codecs.unit.decode(value, key)
    const after = before === undefined ? created(wish) : changed(wish, before)
    outcome = before?.hash === after.hash ? 'changed' : 'created'
    if (outcome === 'changed' && before?.desired === after.desired) return undefined
    const unit: Operation = { kind: 'put', key, value: codecs.unit.encode(after) }
    if (wish.text === undefined) return [unit]
    return [{ kind: 'put', key: keys.file(after.hash), value: wish.text }, unit]
  })
  return outcome
}

export async function deleteUnit(scope: ApiScope, name: string): Promise<void> {
  const key = keys.unit(toKnownName(name))
  await compareAndSwap(scope, key, (value) => {
    if (value === undefined) throw unitDoesNotExist()
    return [{ kind: 'delete', key }]
  })
}

export function unitDoesNotExist(): FlotaError {
  return new FlotaError('not_found', 'unit does not exist')
}

/** A name that breaks the rules is the name of no unit. */
export function toKnownName(name: string): UnitName {
  try {
    return parseUnitName(name)
  } catch {
    throw unitDoesNotExist()
  }
}

function toWish(urlName: string, body: UnitBody): Wish {
  const bodyName = body.name === undefined || body.name === '' ? urlName : body.name
  if (bodyName !== urlName) {
    throw invalid(`name in URL "${urlName}" differs from unit name in request body "${bodyName}"`)
  }
  const name = parseUnitName(urlName)
  const desired = toDesired(body.desiredState)
  const options = (body.options ?? []).map(toOption)
  if (options.length === 0) return { name, text: undefined, desired }
  const text = toUnitText(options)
  parseRequirements(name, parseUnitFile(text))
  return { name, text, desired }
}

function toOption({ section = '', name = '', value = '' }: Partial<UnitOption>): UnitOption {
  return { section, name, value }
}

function toDesired(word: string | undefined): DesiredState | undefined {
  if (word === undefined || word === '') return undefined
  const desired = desiredStates.find((state) => state === word)
  if (desired === undefined) throw invalid(`invalid value "${word}" for desiredState`)
  return desired
}

function created({ name, text, desired = 'inactive' }: Wish): UnitRecord {
  if (text === undefined) {
    throw new FlotaError('failed_precondition', 'unit does not exist and options field empty')
  }
  checkTemplate(name, desired)
  return { hash: hashUnitText(text), desired, generation: desired === 'launched' ? 1 : 0 }
}

function changed({ name, text, desired }: Wish, before: UnitRecord): UnitRecord {
  const hash = text === undefined ? before.hash : hashUnitText(text)
  const isReplaced = hash !== before.hash
  if (desired === undefined && !isReplaced) {
    throw new FlotaError('failed_precondition', 'must provide DesiredState to update existing unit')
  }
  const wanted = desired ?? 'inactive'
  checkTemplate(name, wanted)
  const isNewStart = wanted === 'launched' && (isReplaced || before.desired !== 'launched')
  return { ...before, hash, desired: wanted, generation: before.generation + (isNewStart ? 1 : 0) }
}

function checkTemplate(name: UnitName, desired: DesiredState): void {
  if (isTemplate(name) && desired !== 'inactive') throw invalid(`cannot activate template "${name}"`)
}

function invalid(message: string): FlotaError {
  return new FlotaError('invalid_argument', message)
}

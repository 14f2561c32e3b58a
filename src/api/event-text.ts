import type { ClusterChange, Versioned } from '../cluster/change.ts'
import type { BalancerRecord, ScheduleRecord, StateRecord, UnitRecord, WaitingRecord } from '../cluster/records.ts'
import { unreachable } from '../lib/errors.ts'
import type { News } from './follow-changes.ts'

/**
 * News as server-sent events (HTML standard, section 9.2). A revision may hold several changes: only the last one carries the id, so
 * that a reader that lost the connection in between gets all of them again. Without a change to tell only the id goes out.
 */
export function toEventText(news: News): string {
  const revision = news.revision.toString()
  if (news.kind === 'reset') return `id: ${revision}\n${message('reset', { revision, reason: news.reason })}`
  const messages = news.changes.flatMap((change) => {
    const event = toEvent(change)
    return event === undefined ? [] : [message(event.name, { revision, ...event.data })]
  })
  const last = messages.pop() ?? '\n'
  return `${messages.join('')}id: ${revision}\n${last}`
}

function message(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

export interface ChangeEvent {
  readonly name: 'unit' | 'place' | 'state' | 'waiting' | 'machine' | 'leader' | 'route' | 'balancer'
  readonly data: object
}

/** Undefined for the text of a unit: it never changes, and whoever needs it reads the unit. */
export function toEvent(change: ClusterChange): ChangeEvent | undefined {
  switch (change.kind) {
    case 'file':
      return undefined
    case 'unit':
      return { name: 'unit', data: { name: change.unit, ...membersOf(change.record, toUnit) } }
    case 'schedule':
      return { name: 'place', data: { ...placeOf(change), ...membersOf(change.record, toPlace) } }
    case 'state':
      return { name: 'state', data: { ...placeOf(change), ...membersOf(change.record, toState) } }
    case 'waiting':
      return { name: 'waiting', data: { name: change.unit, ...membersOf(change.record, toWaiting) } }
    case 'record':
    case 'presence':
    case 'metadata':
      return { name: 'machine', data: { id: change.machine, part: change.kind, ...toMachinePart(change) } }
    case 'leader':
      return { name: 'leader', data: membersOf(change.record, ({ machine }) => ({ machineID: machine })) }
    case 'route':
      return { name: 'route', data: { name: change.name, ...membersOf(change.record, (route) => route) } }
    case 'balancer':
      return { name: 'balancer', data: { machineID: change.machine, ...membersOf(change.record, toBalancer) } }
    default:
      return unreachable(change)
  }
}

function membersOf<T>(record: Versioned<T> | undefined, toMembers: (value: T) => object): object {
  return record === undefined ? { isGone: true } : toMembers(record.value)
}

const placeOf = ({ unit, machine }: { readonly unit: string; readonly machine: string }) => ({
  name: unit,
  machineID: machine,
})

const toUnit = ({ desired, generation, hash }: UnitRecord) => ({ desiredState: desired, generation, hash })

const toPlace = ({ desired, phase, reason, generation, hash }: ScheduleRecord) => ({
  desiredState: desired,
  phase,
  reason,
  generation,
  hash,
})

const toState = ({ load, active, sub, since, generation, hash }: StateRecord) => ({
  systemdLoadState: load,
  systemdActiveState: active,
  systemdSubState: sub,
  since,
  generation,
  hash,
})

const toWaiting = ({ reason, rejections }: WaitingRecord) => ({
  reason,
  rejections: rejections.map(({ machine, filter, reason: why }) => ({ machineID: machine, filter, reason: why })),
})

/** Its own name for the revision: the event has one too. */
const toBalancer = ({ revision, address, routes }: BalancerRecord) => ({ servedRevision: revision, address, routes })

type MachineChange = ClusterChange & { readonly kind: 'record' | 'presence' | 'metadata' }

function toMachinePart(change: MachineChange): object {
  switch (change.kind) {
    case 'record':
      return membersOf(change.record, ({ publicIp, metadata, version }) => ({ primaryIP: publicIp, metadata, version }))
    case 'presence':
      return membersOf(change.record, ({ isReady, isUnmanaged = false }) => ({ isReady, isUnmanaged }))
    case 'metadata':
      return membersOf(change.record, ({ metadata }) => ({ metadata }))
  }
}

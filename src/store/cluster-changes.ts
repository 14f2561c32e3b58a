import type { ClusterChange, Versioned } from '../cluster/change.ts'
import { unreachable } from '../lib/errors.ts'
import { codecs, type Codec } from './codec.ts'
import { parseKey } from './keys.ts'
import type { Change, Entry } from './store.ts'

export type OnBadValue = (key: string, error: unknown) => void

/**
 * One key's change in the words of the cluster. Undefined for a key that this version does not know, and for a value that it cannot
 * read: that one goes to `onBad`, so that one bad value never hides the others.
 */
export function toClusterChange(change: Change, onBad: OnBadValue): ClusterChange | undefined {
  const key = change.kind === 'put' ? change.entry.key : change.key
  try {
    return decodeChange(key, change.kind === 'put' ? change.entry : undefined)
  } catch (error) {
    onBad(key, error)
    return undefined
  }
}

/** What a read returned, as changes. */
export function toClusterChanges(entries: readonly Entry[], onBad: OnBadValue): readonly ClusterChange[] {
  return entries.flatMap((entry) => toClusterChange({ kind: 'put', entry }, onBad) ?? [])
}

function decodeChange(key: string, entry: Entry | undefined): ClusterChange | undefined {
  const parsed = parseKey(key)
  switch (parsed.kind) {
    case 'unknown':
      return undefined
    case 'file':
      return { ...parsed, text: entry?.value }
    case 'unit':
      return { ...parsed, record: toVersioned(codecs.unit, entry) }
    case 'schedule':
      return { ...parsed, kind: 'schedule', record: toVersioned(codecs.schedule, entry) }
    case 'state':
      return { ...parsed, kind: 'state', record: toVersioned(codecs.state, entry) }
    case 'waiting':
      return { ...parsed, record: toVersioned(codecs.waiting, entry) }
    case 'record':
      return { ...parsed, kind: 'record', record: toVersioned(codecs.record, entry) }
    case 'presence':
      return { ...parsed, kind: 'presence', record: toVersioned(codecs.presence, entry) }
    case 'metadata':
      return { ...parsed, kind: 'metadata', record: toVersioned(codecs.metadata, entry) }
    case 'balancer':
      return { ...parsed, kind: 'balancer', record: toVersioned(codecs.balancer, entry) }
    case 'leader':
      return { ...parsed, record: toVersioned(codecs.leader, entry) }
    case 'route':
      return { ...parsed, record: toVersioned(codecs.route, entry) }
    default:
      return unreachable(parsed)
  }
}

function toVersioned<T>(codec: Codec<T>, entry: Entry | undefined): Versioned<T> | undefined {
  if (entry === undefined) return undefined
  const { createRevision, modRevision } = entry
  return { value: codec.decode(entry.value, entry.key), createRevision, modRevision }
}

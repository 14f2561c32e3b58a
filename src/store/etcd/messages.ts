import type { Change, Commit, Compare, Entry, Operation, Range } from '../store.ts'
import { Compare_CompareResult, Compare_CompareTarget, Event_EventType } from './generated/etcd.ts'
import type { Compare as EtcdCompare, Event, KeyValue, RequestOp, TxnRequest } from './generated/etcd.ts'

/** The words of the port as those of etcd's API, and back. */

export interface KeyRange {
  readonly key: Buffer
  /** Exclusive; empty = the one key. */
  readonly rangeEnd: Buffer
}

export function toKeyRange(range: Range): KeyRange {
  if ('key' in range) return { key: Buffer.from(range.key), rangeEnd: Buffer.alloc(0) }
  // In etcd a zero byte as the end stands for "to the last key", as the start for "from the first".
  if (range.prefix === '') return { key: Buffer.alloc(1), rangeEnd: Buffer.alloc(1) }
  return { key: Buffer.from(range.prefix), rangeEnd: afterPrefix(Buffer.from(range.prefix)) }
}

/** The first key behind all that begin with the prefix. UTF-8 has no byte 0xff, so the last byte can always be raised. */
function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  end[end.length - 1] = (end.at(-1) ?? 0) + 1
  return end
}

export function toTxn({ compares = [], operations }: Commit): TxnRequest {
  return { compare: compares.map(toCompare), success: operations.map(toRequestOp) }
}

function toCompare(compare: Compare): EtcdCompare {
  const key = Buffer.from(compare.key)
  const result = Compare_CompareResult.EQUAL
  if ('modRevision' in compare) {
    const targetUnion = { $case: 'modRevision', value: compare.modRevision } as const
    return { key, result, target: Compare_CompareTarget.MOD, targetUnion }
  }
  const targetUnion = { $case: 'createRevision', value: compare.createRevision } as const
  return { key, result, target: Compare_CompareTarget.CREATE, targetUnion }
}

function toRequestOp(operation: Operation): RequestOp {
  const key = Buffer.from(operation.key)
  if (operation.kind === 'delete') return { request: { $case: 'requestDeleteRange', value: { key } } }
  const { value, lease = 0n } = operation
  return { request: { $case: 'requestPut', value: { key, value: Buffer.from(value), lease } } }
}

export function toEntry({ key, value, createRevision, modRevision, lease }: KeyValue): Entry {
  return { key: key.toString(), value: value.toString(), createRevision, modRevision, lease }
}

export function toChange({ type, kv }: Event): Change {
  if (kv === undefined) throw new Error('etcd sent an event without a key')
  if (type === Event_EventType.DELETE) return { kind: 'delete', key: kv.key.toString(), modRevision: kv.modRevision }
  return { kind: 'put', entry: toEntry(kv) }
}

import { describe, expect, test } from 'vitest'
import { CompactedError } from '../store.ts'
import { Event_EventType, type Event, type WatchResponse } from './generated/etcd.ts'
import { WatchBatches } from './watch-batches.ts'

const answer = (fields: Partial<WatchResponse>, revision = 100n): WatchResponse => ({
  header: { clusterId: 1n, memberId: 1n, revision, raftTerm: 1n },
  watchId: 0n,
  created: false,
  canceled: false,
  compactRevision: 0n,
  cancelReason: '',
  fragment: false,
  events: [],
  ...fields,
})

const event = (key: string, modRevision: bigint, type: Event['type'] = Event_EventType.PUT): Event => ({
  type,
  kv: { key: Buffer.from(key), value: Buffer.from('v'), createRevision: 1n, modRevision, lease: 7n },
})

describe('WatchBatches', () => {
  test('turns events into changes, up to the last revision among them', () => {
    const batches = new WatchBatches(5n)
    const events = [event('a', 6n), event('b', 8n, Event_EventType.DELETE)]
    expect(batches.add(answer({ events }))).toEqual({
      revision: 8n,
      changes: [
        { kind: 'put', entry: { key: 'a', value: 'v', createRevision: 1n, modRevision: 6n, lease: 7n } },
        { kind: 'delete', key: 'b', modRevision: 8n },
      ],
    })
  })

  test('holds fragments back until the last one, so that a batch has whole commits', () => {
    const batches = new WatchBatches(5n)
    expect(batches.add(answer({ events: [event('a', 6n)], fragment: true }))).toBeUndefined()
    expect(batches.add(answer({ events: [event('b', 6n)], fragment: true }))).toBeUndefined()
    const batch = batches.add(answer({ events: [event('c', 6n)] }))
    expect(batch?.changes).toHaveLength(3)
    expect(batches.add(answer({ events: [event('d', 7n)] }))?.changes).toHaveLength(1)
  })

  test('a progress answer is a sign of life, and claims nothing that was not delivered', () => {
    const batches = new WatchBatches(5n)
    expect(batches.add(answer({}))).toEqual({ revision: 4n, changes: [] })
    batches.add(answer({ events: [event('a', 9n)] }))
    expect(batches.add(answer({}))).toEqual({ revision: 9n, changes: [] })
  })

  test('the answer that the watch was created is no batch', () => {
    expect(new WatchBatches(5n).add(answer({ created: true }))).toBeUndefined()
  })

  test('a compacted revision ends it, naming the first that is kept', () => {
    const add = () => new WatchBatches(5n).add(answer({ canceled: true, compactRevision: 50n }))
    expect(add).toThrow(new CompactedError(50n))
  })

  test.each([
    ['etcdserver: no leader', 'etcdserver: no leader'],
    ['', 'etcd ended the watch'],
  ])('a watch that etcd cancels with reason "%s" ends with it', (cancelReason, message) => {
    expect(() => new WatchBatches(5n).add(answer({ canceled: true, cancelReason }))).toThrow(message)
  })

  test('a member that lags for a moment is waited for, one that stays behind is another history', () => {
    const lagging = new WatchBatches(50n)
    lagging.add(answer({}, 40n))
    lagging.add(answer({}, 40n))
    lagging.add(answer({}, 49n))
    lagging.add(answer({}, 40n))
    expect(lagging.add(answer({}, 40n))).toEqual({ revision: 49n, changes: [] })
    expect(() => lagging.add(answer({}, 40n))).toThrow(CompactedError)
  })

  test('an event without a key is refused', () => {
    const events = [{ type: Event_EventType.PUT, kv: undefined }]
    expect(() => new WatchBatches(5n).add(answer({ events }))).toThrow('without a key')
  })
})

import { describe, expect, test } from 'vitest'
import { Compare_CompareTarget, TxnRequest } from './generated/etcd.ts'
import { toKeyRange, toTxn } from './messages.ts'

describe('toKeyRange', () => {
  test.each([
    ['a key', { key: '/a' }, '2f61', ''],
    ['a prefix', { prefix: '/a/' }, '2f612f', '2f6130'],
    ['a prefix that ends in a character of several bytes', { prefix: 'ä' }, 'c3a4', 'c3a5'],
    ['a prefix that ends in the last character', { prefix: '\u{10FFFF}' }, 'f48fbfbf', 'f48fbfc0'],
    ['everything', { prefix: '' }, '00', '00'],
  ])('of %s', (...[, range, key, rangeEnd]) => {
    const { key: from, rangeEnd: to } = toKeyRange(range)
    expect([from.toString('hex'), to.toString('hex')]).toEqual([key, rangeEnd])
  })
})

describe('toTxn', () => {
  test('has each compare, the one with zero too, and each operation in order', () => {
    const txn = toTxn({
      compares: [
        { key: 'm', modRevision: 0n },
        { key: 'c', createRevision: 9n },
      ],
      operations: [
        { kind: 'put', key: 'p', value: 'ä', lease: 5n },
        { kind: 'delete', key: 'd' },
      ],
    })
    const onWire = TxnRequest.decode(TxnRequest.encode(txn).finish())
    expect(onWire.compare.map(({ key, target, targetUnion }) => [key.toString(), target, targetUnion])).toEqual([
      ['m', Compare_CompareTarget.MOD, { $case: 'modRevision', value: 0n }],
      ['c', Compare_CompareTarget.CREATE, { $case: 'createRevision', value: 9n }],
    ])
    expect(onWire.success.map(({ request }) => request)).toEqual([
      { $case: 'requestPut', value: { key: Buffer.from('p'), value: Buffer.from('ä'), lease: 5n } },
      { $case: 'requestDeleteRange', value: { key: Buffer.from('d') } },
    ])
  })
})

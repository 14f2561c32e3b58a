import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hashUnitText } from '../unit/hash.ts'
import { flattenEtcd2 } from './etcd2-tree.ts'
import { readFleetKeyspace } from './fleet-keyspace.ts'

const fixture = readFileSync(new URL('../../test/fixtures/fleet-keyspace.json', import.meta.url), 'utf8')
const prefix = '/_coreos.com/fleet/'
const read = (keys: Readonly<Record<string, string>>) =>
  readFleetKeyspace(new Map(Object.entries(keys).map(([key, value]) => [`${prefix}${key}`, value])), prefix)

describe('readFleetKeyspace', () => {
  it('reads what a real fleet 1.0 kept', () => {
    const { jobs, texts, machines, metadata, unknown } = readFleetKeyspace(flattenEtcd2(fixture, 'fixture'), prefix)
    expect(jobs.map(({ name, desired }) => `${name} ${desired ?? '-'}`)).toEqual([
      'a.service launched',
      'b.service launched',
      'c.service loaded',
      'g.service launched',
      'n.service launched',
      'of.service launched',
      't@.service inactive',
    ])
    expect(jobs[0]).toMatchObject({
      hash: '47f0084368692956938df2280fe087a88a685237',
      target: '2f3159dc1255a378a769fe5beb048395',
    })
    expect(texts.size).toBe(20)
    // fleet names a text by its SHA-1.
    for (const [hash, text] of texts) expect(hashUnitText(text)).toBe(hash)
    expect(machines).toContainEqual({
      id: '43d53688e50a258033221963e58799d3',
      ip: '10.77.0.14',
      metadata: { disk: 'ssd', region: 'eu' },
      version: '0.0.0+wasnotbuiltproperly',
    })
    expect([metadata, unknown]).toEqual([[], []])
  })

  it('reads dynamic metadata, and knows a removed key by its empty value', () => {
    const { metadata } = read({ 'machines/m/metadata/b': '', 'machines/m/metadata/a': 'x' })
    expect(metadata).toEqual([
      { machine: 'm', key: 'a', value: 'x' },
      { machine: 'm', key: 'b', value: '' },
    ])
  })

  it.each([
    ['no object', { 'job/a.service/target-state': 'launched' }],
    ['an object that is not JSON', { 'job/a.service/object': '{' }],
    ['a hash of too few bytes', { 'job/a.service/object': '{"UnitHash":[1,2]}' }],
    ['a hash of no bytes', { 'job/a.service/object': `{"UnitHash":[${Array(20).fill(300).join()}]}` }],
    ['a hash that is a text', { 'job/a.service/object': '{"UnitHash":"47f0"}' }],
  ])('gives a unit with %s no hash', (_, keys) => {
    expect(read(keys).jobs).toMatchObject([{ name: 'a.service', hash: undefined }])
  })

  it('names the keys that it does not know', () => {
    const keys = {
      'unit/ab': 'x',
      'unit/cd': '{"Raw":1}',
      'foo/bar': '',
      'job/a': '',
      'machines/m/x': '',
      'lease/x': '',
    }
    expect(read(keys).unknown.map(({ key }) => key.slice(prefix.length))).toEqual([
      'foo/bar',
      'job/a',
      'machines/m/x',
      'unit/ab',
      'unit/cd',
    ])
  })

  it('says which keys there are when none has the prefix', () => {
    expect(() => readFleetKeyspace(new Map([['/other/job/a/object', '']]), prefix)).toThrow(
      expect.objectContaining({
        code: 'not_found',
        message: "Cannot find fleet's keys: none begins with '/_coreos.com/fleet/'",
        hint: expect.stringContaining("'/other/job/a/object'") as string,
      }),
    )
  })
})

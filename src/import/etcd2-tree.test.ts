import { describe, expect, it } from 'vitest'
import { flattenEtcd2 } from './etcd2-tree.ts'

const leaf = (key: string, value: string) => ({ key, value, modifiedIndex: 1, createdIndex: 1 })

describe('flattenEtcd2', () => {
  const tree = {
    key: '/a',
    dir: true,
    nodes: [leaf('/a/x', '1'), { key: '/a/d', dir: true, nodes: [leaf('/a/d/y', '')] }],
  }

  it.each([
    { title: "an answer of etcd's", text: JSON.stringify({ action: 'get', node: tree }) },
    { title: 'a node by itself', text: JSON.stringify(tree) },
  ])('gives each key of $title its value', ({ text }) => {
    expect(new Map(flattenEtcd2(text, 'x'))).toEqual(
      new Map([
        ['/a/x', '1'],
        ['/a/d/y', ''],
      ]),
    )
  })

  it('takes a tree of any depth', () => {
    const depth = 50_000
    const text = `${'{"nodes":['.repeat(depth)}${JSON.stringify(leaf('/deep', 'v'))}${']}'.repeat(depth)}`
    expect(flattenEtcd2(text, 'x').get('/deep')).toBe('v')
  })

  it.each([
    ['{', "Cannot read 'x': it is not JSON"],
    ['null', "Cannot read 'x': it holds no keys of etcd's API v2"],
    ['[]', "Cannot read 'x': it holds no keys of etcd's API v2"],
    ['{"node":{"nodes":7}}', "Cannot read 'x': it holds no keys of etcd's API v2"],
    ['{"errorCode":100,"message":"Key not found"}', "Cannot read 'x': it holds no keys of etcd's API v2"],
  ])('refuses %s', (text, message) => {
    expect(() => flattenEtcd2(text, 'x')).toThrow(expect.objectContaining({ message }))
  })
})

import { expect, it } from 'vitest'
import type { DiscoveryState } from './client.ts'
import { describeDiscovery, parseFormat } from './describe.ts'

const url = 'http://10.0.0.1:8087/0123456789abcdef0123456789abcdef'
const member = (n: number) => ({ id: `a${n}`, index: n, name: `m${n}`, peerUrls: [`http://10.0.0.${n}:2380`] })
const full: DiscoveryState = { size: 1, members: [member(1)], late: [member(2)] }

it('describeDiscovery names members, late ones and the cluster id', () => {
  expect(describeDiscovery(url, full, 'text')).toMatch(
    /^1 of 1 members have registered\n {2}a1 {2}m1 {2}http:\/\/10\.0\.0\.1:2380\n {2}a2 .*too late.*\nThe cluster id is [0-9a-f]{16}\n$/,
  )
})

it('describeDiscovery gives no cluster id before the cluster is complete', () => {
  expect(describeDiscovery(url, { size: 3, members: [], late: [] }, 'text')).toBe('0 of 3 members have registered\n')
})

it('describeDiscovery prints json', () => {
  expect(JSON.parse(describeDiscovery(url, full, 'json'))).toMatchObject({ url, size: 1, members: [{ id: 'a1' }] })
})

it('parseFormat refuses another format', () => {
  expect(() => parseFormat('xml')).toThrow("Cannot print in format 'xml'")
})

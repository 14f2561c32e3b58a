import { describe, expect, it } from 'vitest'
import { memberCount, withDiscovery } from './user-data.ts'

const url = 'http://10.77.0.1:8087/0123456789abcdef0123456789abcdef'
const file = (value: string): string =>
  `#cloud-config\ncoreos:\n  etcd2:\n    discovery: ${value}\n    addr: $private_ipv4\n`

describe('withDiscovery', () => {
  it.each([
    ['the placeholder with an underscore', '<discovery_id>'],
    ['the placeholder with a blank', '<discovery id>'],
    ['a placeholder behind the public service', 'https://discovery.etcd.io/<discovery_id>'],
    ["the public service's own token", 'https://discovery.etcd.io/6a28e078895c5ec737174db2419bb2f3'],
    ['the public service over plain HTTP', 'http://discovery.etcd.io/6a28'],
  ])("puts the cluster's own URL in place of %s", (_, value) => {
    expect(withDiscovery(file(value), url)).toBe(file(url))
  })

  it.each([
    ['a quoted value', '"<discovery_id>"', `"${url}"`],
    ['a value in single quotes', "'<discovery_id>'", `'${url}'`],
    ['a comment behind the value', '<discovery_id>  # yours', `${url}  # yours`],
  ])('keeps the form of %s', (_, before, after) => {
    expect(withDiscovery(file(before), url)).toBe(file(after))
  })

  it.each([
    ['another discovery service', 'https://discovery.example.com/abc'],
    ['a name that only begins alike', 'https://discovery.etcd.io.example.com/abc'],
    ['no value', ''],
  ])('leaves %s as it is', (_, value) => {
    expect(withDiscovery(file(value), url)).toBe(file(value))
  })

  it('keeps the line ends of a file from another system', () => {
    expect(withDiscovery('discovery: <discovery_id>\r\nx: 1\r\n', url)).toBe(`discovery: ${url}\r\nx: 1\r\n`)
  })

  it('changes no line that only mentions discovery', () => {
    const text = '# discovery: <discovery_id> goes below\ndiscovery-proxy: <discovery_id>\n'
    expect(withDiscovery(text, url)).toBe(text)
  })
})

it.each([
  [1, 1],
  [2, 1],
  [3, 3],
  [4, 3],
  [5, 5],
  [6, 5],
  [99, 5],
])('of %i machines %i are members of etcd', (machines, members) => {
  expect(memberCount(machines)).toBe(members)
})

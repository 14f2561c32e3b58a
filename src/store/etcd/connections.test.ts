import { describe, expect, test } from 'vitest'
import { Connections, parseEndpoint, toReason } from './connections.ts'

describe('parseEndpoint', () => {
  test.each([
    ['http://10.0.0.2:2379', '10.0.0.2:2379', false],
    ['https://etcd.example:2379', 'etcd.example:2379', true],
    ['http://10.0.0.2:2379/', '10.0.0.2:2379', false],
    ['http://[::1]:4001', '[::1]:4001', false],
    ['http://10.0.0.2:80', '10.0.0.2:80', false],
    ['https://10.0.0.2', '10.0.0.2:443', true],
  ])('reads %s', (endpoint, address, isTls) => {
    expect(parseEndpoint(endpoint)).toEqual({ address, isTls })
  })

  test.each(['10.0.0.2:2379', 'unix:///run/etcd', 'http://10.0.0.2:2379/v2', ''])('refuses "%s"', (endpoint) => {
    expect(() => parseEndpoint(endpoint)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', hint: 'write it as http://HOST:2379 or https://HOST:2379' }),
    )
  })
})

describe('Connections', () => {
  const [a, b, c] = ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'http://127.0.0.1:3']

  test('begin with the first endpoint and stay with one until it fails', () => {
    const connections = new Connections([a, b])
    expect(connections.current().endpoint).toBe(a)
    connections.failed(connections.current())
    expect(connections.current().endpoint).toBe(b)
    connections.failed(connections.current())
    expect(connections.current().endpoint).toBe(a)
    connections.close()
  })

  test('many calls that fail together move on by one', () => {
    const connections = new Connections([a, b, c])
    const first = connections.current()
    for (let call = 0; call < 5; call += 1) connections.failed(first)
    expect(connections.current().endpoint).toBe(b)
    connections.close()
  })

  test('an update keeps the connections that stay, and the current one if it is among them', () => {
    const connections = new Connections([a, b])
    connections.failed(connections.current())
    const kept = connections.current()
    connections.update([c, b, b])
    expect(connections.current()).toBe(kept)
    expect(connections.count).toBe(2)
    connections.update([c])
    expect(connections.current().endpoint).toBe(c)
    connections.close()
  })

  test('an update without endpoints is refused and changes nothing', () => {
    const connections = new Connections([a])
    expect(() => connections.update([])).toThrow('it has no endpoints')
    expect(connections.current().endpoint).toBe(a)
    connections.close()
  })
})

describe('toReason', () => {
  test.each([
    [
      'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ',
      'connect ECONNREFUSED 127.0.0.1:1',
    ],
    ['No connection established. Last error: self-signed certificate. Resolution note: x', 'self-signed certificate'],
    ['Name resolution failed for target dns:nohost:2379', 'Name resolution failed for target dns:nohost:2379'],
    ['Deadline exceeded after 0.1s,LB pick: 0.001s', 'no connection'],
    ['', 'no connection'],
  ])('takes "%s" as "%s"', (details, reason) => {
    expect(toReason(details)).toBe(reason)
  })
})

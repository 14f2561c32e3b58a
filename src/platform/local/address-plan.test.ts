import { describe, expect, it } from 'vitest'
import { overlappingRoutes, parseAddressPlan } from './address-plan.ts'

describe('parseAddressPlan', () => {
  it('gives the host the first address and machines those from the eleventh', () => {
    const plan = parseAddressPlan('10.77.0.0/24')
    expect(plan).toMatchObject({ range: '10.77.0.0/24', prefixLength: 24, host: '10.77.0.1' })
    expect([1, 4, 99].map((index) => plan.machine(index))).toEqual(['10.77.0.11', '10.77.0.14', '10.77.0.109'])
  })

  it('takes any address in the range for the range', () => {
    expect(parseAddressPlan('10.77.0.200/24').range).toBe('10.77.0.0/24')
  })

  it.each([
    ['192.168.255.240/28', '192.168.255.241', '192.168.255.251'],
    ['172.16.0.0/16', '172.16.0.1', '172.16.0.11'],
    ['255.255.255.0/24', '255.255.255.1', '255.255.255.11'],
  ])('knows the addresses of %s', (range, host, first) => {
    const plan = parseAddressPlan(range)
    expect([plan.host, plan.machine(1)]).toEqual([host, first])
  })

  it.each(['', '10.77.0.0', '10.77.0/24', '10.77.0.256/24', '10.77.0.0/33', 'fd00::/64', '10.77.0.0/24 ', 'x/24'])(
    'refuses "%s", which is no range',
    (range) => {
      expect(() => parseAddressPlan(range)).toThrow(`Cannot use the address range '${range}'`)
    },
  )

  it.each(['10.0.0.0/8', '10.77.0.0/29', '10.77.0.1/32'])('refuses %s for its size', (range) => {
    expect(() => parseAddressPlan(range)).toThrow('prefix length must be between 16 and 28')
  })

  it('never gives out the broadcast address', () => {
    const plan = parseAddressPlan('10.77.0.0/28')
    expect(plan.machine(4)).toBe('10.77.0.14')
    expect(() => plan.machine(5)).toThrow('has room for 4 machines only')
  })
})

describe('overlappingRoutes', () => {
  it.each([
    ['the same range', ['10.77.0.0/24'], ['10.77.0.0/24']],
    ['a wider one', ['10.0.0.0/8'], ['10.0.0.0/8']],
    ['one address in it', ['10.77.0.9'], ['10.77.0.9']],
    ['its neighbours', ['10.76.255.0/24', '10.77.1.0/24'], []],
    ['the default route', ['default'], []],
    ['what is no IPv4 route', ['fd00::/64', ''], []],
  ])('finds %s', (_, destinations, expected) => {
    expect(overlappingRoutes('10.77.0.0/24', destinations)).toEqual(expected)
  })
})

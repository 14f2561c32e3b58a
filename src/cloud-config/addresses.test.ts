import { expect, it } from 'vitest'
import { toAddresses, type InterfaceAddress } from './addresses.ts'

const at = (name: string, address: string, internal = false): InterfaceAddress => ({
  interface: name,
  address,
  family: address.includes(':') ? 'IPv6' : 'IPv4',
  internal,
})

const interfaces = [
  at('lo', '127.0.0.1', true),
  at('podman0', '10.88.0.1'),
  at('host0', '169.254.3.4'),
  at('host0', '10.77.0.11'),
  at('host0', '203.0.113.9'),
  at('host0', 'fe80::1'),
  at('host0', '2001:db8::9'),
]
const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
podman0	0000580A	00000000	0001	0	0	0	0000FFFF	0	0	0
host0	00000000	01004D0A	0003	0	0	0	00000000	0	0	0
`

it('toAddresses prefers the interface of the default route', () => {
  expect(toAddresses({ environment: '', interfaces, routes })).toEqual({
    private_ipv4: '10.77.0.11',
    public_ipv4: '203.0.113.9',
    public_ipv6: '2001:db8::9',
  })
})

it('toAddresses takes the first address where there is no default route', () => {
  expect(toAddresses({ environment: '', interfaces, routes: '' }).private_ipv4).toBe('10.88.0.1')
})

it('toAddresses believes what the platform wrote down', () => {
  const environment = '# by the platform\nCOREOS_PRIVATE_IPV4="10.1.1.1"\nCOREOS_PUBLIC_IPV4=\n'
  expect(toAddresses({ environment, interfaces, routes })).toEqual({
    private_ipv4: '10.1.1.1',
    public_ipv6: '2001:db8::9',
  })
})

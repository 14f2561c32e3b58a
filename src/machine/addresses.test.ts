import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import { choosePublicIp, readPublicIp } from './addresses.ts'

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/24`,
})

const v6: NetworkInterfaceInfo = {
  ...v4('fd00::1'),
  family: 'IPv6',
  netmask: 'ffff:ffff:ffff:ffff::',
  cidr: 'fd00::1/64',
  scopeid: 0,
}

const header = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
const route = (iface: string, destination: string, metric: number) =>
  `${iface}\t${destination}\t0101A8C0\t0003\t0\t0\t${metric}\t${destination}\t0\t0\t0\n`
const lo = [v4('127.0.0.1', true)]

const rows = [
  {
    title: 'the address of the interface of the default route',
    routes: header + route('eth1', '0000A8C0', 0) + route('eth0', '00000000', 0),
    interfaces: { lo, eth1: [v4('192.168.0.2')], eth0: [v6, v4('10.0.0.5')] },
    expected: '10.0.0.5',
  },
  {
    title: 'that of the default route with the least metric',
    routes: header + route('eth0', '00000000', 100) + route('wlan0', '00000000', 20),
    interfaces: { eth0: [v4('10.0.0.5')], wlan0: [v4('10.0.9.5')] },
    expected: '10.0.9.5',
  },
  {
    title: 'past a link-local address',
    routes: header + route('eth0', '00000000', 0),
    interfaces: { eth0: [v4('169.254.7.7'), v4('10.0.0.5')] },
    expected: '10.0.0.5',
  },
  {
    title: 'the first address there is where no route leads out',
    routes: header,
    interfaces: { lo, host0: [v4('10.77.0.11')] },
    expected: '10.77.0.11',
  },
  { title: 'nothing on a machine without a network', routes: '', interfaces: { lo }, expected: '' },
]

it.each(rows)('chooses $title', ({ routes, interfaces, expected }) => {
  expect(choosePublicIp(routes, interfaces)).toBe(expected)
})

it('takes the address that was given', async () => {
  expect(await readPublicIp('203.0.113.9')).toBe('203.0.113.9')
})

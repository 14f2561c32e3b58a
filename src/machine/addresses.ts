import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { networkInterfaces } from 'node:os'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** The address this machine publishes: the given one, else what `choosePublicIp` finds; empty when it has none. */
export async function readPublicIp(option: string): Promise<string> {
  if (option !== '') return option
  return choosePublicIp(await readFile('/proc/net/route', 'utf8').catch(() => ''), networkInterfaces())
}

/**
 * The first global unicast IPv4 address of the default route's interface, as in fleet; else the first of any interface, for a
 * machine in a network without a way out. `routes` is the text of /proc/net/route.
 */
export function choosePublicIp(routes: string, interfaces: Interfaces): string {
  const name = defaultInterface(routes)
  const onRoute = name === undefined ? undefined : firstAddress(interfaces[name] ?? [])
  return onRoute ?? firstAddress(Object.values(interfaces).flatMap((addresses) => addresses ?? [])) ?? ''
}

/** The interface of the default route with the least metric. */
function defaultInterface(routes: string): string | undefined {
  const defaults = routes
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
  return defaults.toSorted((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0]
}

function firstAddress(addresses: readonly NetworkInterfaceInfo[]): string | undefined {
  return addresses.find(({ address, internal }) => !internal && isGlobalUnicast(address))?.address
}

/** As in Go: everything but loopback, link-local, multicast, broadcast and unspecified; private ranges are global unicast. */
function isGlobalUnicast(address: string): boolean {
  if (!isIPv4(address)) return false
  const [first = 0, second = 0] = address.split('.').map(Number)
  return first !== 0 && first !== 127 && first < 224 && !(first === 169 && second === 254)
}

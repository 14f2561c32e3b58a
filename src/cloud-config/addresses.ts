import { addressNames, type Addresses } from './substitute.ts'

/** One address of an interface, as os.networkInterfaces() gives it. */
export interface InterfaceAddress {
  readonly interface: string
  readonly address: string
  readonly family: 'IPv4' | 'IPv6'
  readonly internal: boolean
}

export interface AddressSources {
  /** The text of /etc/environment. */
  readonly environment: string
  readonly interfaces: readonly InterfaceAddress[]
  /** The text of /proc/net/route. */
  readonly routes: string
}

/** The addresses that the platform wrote down as COREOS_PRIVATE_IPV4 and so on; where it did not, those of the interfaces. */
export function toAddresses({ environment, interfaces, routes }: AddressSources): Addresses {
  const written = parseEnvironment(environment)
  const seen = fromInterfaces(interfaces, defaultInterface(routes))
  const pairs = addressNames.map((name) => [name, written.get(variableOf(name)) ?? seen[name]] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined && value !== ''))
}

export const variableOf = (name: keyof Addresses): string => `COREOS_${name.toUpperCase()}`

function parseEnvironment(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, key, value = ''] = /^\s*(?:export\s+)?(\w+)=(.*?)\s*$/.exec(line) ?? []
    return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')] as const]
  })
  return new Map(pairs)
}

/** A container's bridge has private addresses too, so the interface of the default route comes first. */
function fromInterfaces(interfaces: readonly InterfaceAddress[], preferred: string | undefined): Addresses {
  const usable = interfaces.filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address))
  const ordered = [
    ...usable.filter((one) => one.interface === preferred),
    ...usable.filter((one) => one.interface !== preferred),
  ]
  const first = (family: 'IPv4' | 'IPv6', isWanted: boolean) =>
    ordered.find((one) => one.family === family && isPrivate(one.address) === isWanted)?.address
  const found = {
    public_ipv4: first('IPv4', false),
    private_ipv4: first('IPv4', true),
    public_ipv6: first('IPv6', false),
    private_ipv6: first('IPv6', true),
  }
  return Object.fromEntries(Object.entries(found).filter(([, address]) => address !== undefined))
}

/** RFC 1918, RFC 6598 and RFC 4193. */
const isPrivate = (address: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i.test(
    address,
  )

/** The line whose destination and mask are zero (proc_net_route). */
function defaultInterface(routes: string): string | undefined {
  const fields = routes.split('\n').map((line) => line.trim().split(/\s+/))
  return fields.find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')?.[0]
}

/** The addresses of this machine, as user-data names them; absent where it has none. */
export interface Addresses {
  readonly public_ipv4?: string
  readonly private_ipv4?: string
  readonly public_ipv6?: string
  readonly private_ipv6?: string
}

export const addressNames = ['public_ipv4', 'private_ipv4', 'public_ipv6', 'private_ipv6'] as const

const tokens = new RegExp(`(\\\\?)\\$(${addressNames.join('|')})`, 'g')

/**
 * Puts the addresses into the raw text, before it is read as YAML or run as a script. A token needs no end: `$private_ipv4x` is the
 * address and an x. `\$private_ipv4` stays, without the backslash. An absent address becomes nothing.
 */
export function substituteAddresses(text: string, addresses: Addresses): string {
  return text.replace(tokens, (token, backslash: string, name: keyof Addresses) =>
    backslash === '' ? (addresses[name] ?? '') : token.slice(1),
  )
}

export interface MissingAddress {
  readonly name: keyof Addresses
  readonly offset: number
}

/** The first use of each address that this machine does not have. */
export function findMissingAddresses(text: string, addresses: Addresses): readonly MissingAddress[] {
  const missing = new Map<keyof Addresses, number>()
  for (const match of text.matchAll(tokens)) {
    const name = addressNames.find((other) => other === match[2])
    if (name === undefined || match[1] !== '' || addresses[name] !== undefined || missing.has(name)) continue
    missing.set(name, match.index)
  }
  return [...missing].map(([name, offset]) => ({ name, offset }))
}

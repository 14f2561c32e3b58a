import { FlotaError } from '../../lib/errors.ts'
import { maxMachines } from './names.ts'

/** The addresses of one cluster: the host on the bridge is the first, machines begin at the eleventh. */
export interface AddressPlan {
  /** As given, normalised: `10.77.0.0/24`. */
  readonly range: string
  readonly prefixLength: number
  /** The host's address on the bridge, where registry and discovery listen. */
  readonly host: string
  /** Address of machine `index`, from 1. */
  machine(index: number): string
}

/** An IPv4 range in numbers: the first address and the first behind the last. */
interface Span {
  readonly first: number
  readonly end: number
}

const firstMachine = 10

export function parseAddressPlan(range: string): AddressPlan {
  const span = parseSpan(range)
  if (span === undefined) throw badRange(range, 'it is no IPv4 range like 10.77.0.0/24')
  const size = span.end - span.first
  if (size < 16 || size > 65536) throw badRange(range, 'its prefix length must be between 16 and 28')
  const prefixLength = 32 - Math.log2(size)
  return {
    range: `${toAddress(span.first)}/${prefixLength}`,
    prefixLength,
    host: toAddress(span.first + 1),
    machine: (index) => {
      const room = Math.min(maxMachines, size - firstMachine - 2)
      if (index > room) throw badRange(range, `it has room for ${room} machines only`)
      return toAddress(span.first + firstMachine + index)
    },
  }
}

/** Destinations of `ip -4 route` that share addresses with the range; sorted. The default route is no claim on it. */
export function overlappingRoutes(range: string, destinations: readonly string[]): readonly string[] {
  const span = parseSpan(range)
  if (span === undefined) return []
  return destinations
    .filter((destination) => {
      const other = parseSpan(destination.includes('/') ? destination : `${destination}/32`)
      return other !== undefined && other.first < span.end && span.first < other.end
    })
    .toSorted()
}

function parseSpan(range: string): Span | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(range)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, prefixLength = 0] = match.slice(1).map(Number)
  if ([a, b, c, d].some((byte) => byte > 255) || prefixLength > 32) return undefined
  const size = 2 ** (32 - prefixLength)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  const first = Math.floor(address / size) * size
  return { first, end: first + size }
}

const toAddress = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.')

const badRange = (range: string, why: string): FlotaError =>
  new FlotaError('invalid_argument', `Cannot use the address range '${range}': ${why}`, {
    hint: 'Choose another one with --range, for example --range 10.78.0.0/24',
  })

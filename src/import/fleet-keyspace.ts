import { FlotaError } from '../lib/errors.ts'
import type { Metadata } from '../machine/machine.ts'
import type { Etcd2Keys } from './etcd2-tree.ts'
import { membersOf } from './etcd2-tree.ts'

/** A unit as fleet kept it. Nothing is checked here: `planImport` says what is wrong with it. */
export interface FleetJob {
  readonly name: string
  /** Undefined when its object is missing or unreadable. */
  readonly hash: string | undefined
  readonly desired: string | undefined
  /** The machine it was scheduled to. */
  readonly target: string | undefined
}

export interface FleetMachine {
  readonly id: string
  readonly ip: string
  readonly metadata: Metadata
  readonly version: string
}

/** One key of dynamic metadata; an empty value hides what the machine itself says. */
export interface FleetMetadata {
  readonly machine: string
  readonly key: string
  readonly value: string
}

export interface UnknownKey {
  readonly key: string
  readonly reason: string
}

export interface FleetKeyspace {
  readonly jobs: readonly FleetJob[]
  /** Unit texts by the SHA-1 they are kept under. */
  readonly texts: ReadonlyMap<string, string>
  readonly machines: readonly FleetMachine[]
  readonly metadata: readonly FleetMetadata[]
  readonly unknown: readonly UnknownKey[]
}

interface Found {
  readonly jobs: Map<string, Record<string, string>>
  readonly texts: Map<string, string>
  readonly machines: FleetMachine[]
  readonly metadata: FleetMetadata[]
  readonly unknown: UnknownKey[]
}

interface Entry {
  readonly key: string
  readonly value: string
  /** The words of the key that differ from unit to unit or machine to machine. */
  readonly words: readonly string[]
}

/** Every key of fleet, below its prefix. */
const layout: readonly (readonly [RegExp, (found: Found, entry: Entry) => void])[] = [
  [/^job\/([^/]+)\/([^/]+)$/, addJobPart],
  [/^unit\/([^/]+)$/, addText],
  [/^machines\/([^/]+)\/object$/, addMachine],
  [/^machines\/([^/]+)\/metadata\/([^/]+)$/, addMetadata],
  // Kept while fleet runs and of no use after: states with a time to live, leases, the version of the layout.
  [/^(?:states?|lease|engine)\//, () => {}],
  [/^/, ({ unknown }, { key }) => unknown.push({ key, reason: 'it is no key of fleet' })],
]

/** Sorts the keys below `prefix` into what fleet meant by them. Pure; the order of the keys does not matter. */
export function readFleetKeyspace(keys: Etcd2Keys, prefix: string): FleetKeyspace {
  const found: Found = { jobs: new Map(), texts: new Map(), machines: [], metadata: [], unknown: [] }
  const sorted = [...keys].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.length === 0) throw noSuchPrefix(keys, prefix)
  for (const [key, value] of sorted) {
    const rest = key.slice(prefix.length)
    const rule = layout.find(([pattern]) => pattern.test(rest))
    rule?.[1](found, { key, value, words: rule[0].exec(rest)?.slice(1) ?? [] })
  }
  return { ...found, jobs: [...found.jobs].map(([name, parts]) => toJob(name, parts)) }
}

function addJobPart({ jobs }: Found, { value, words: [name = '', part = ''] }: Entry): void {
  jobs.set(name, { ...jobs.get(name), [part]: value })
}

function addText({ texts, unknown }: Found, { key, value, words: [hash = ''] }: Entry): void {
  const raw = readMembers(value)['Raw']
  if (typeof raw === 'string') texts.set(hash, raw)
  else unknown.push({ key, reason: 'it holds no text of a unit' })
}

function addMachine({ machines }: Found, { value, words: [id = ''] }: Entry): void {
  const { PublicIP: ip, Metadata: metadata, Version: version } = readMembers(value)
  const pairs = Object.entries(membersOf(metadata) ?? {}).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  )
  machines.push({ id, ip: toText(ip), metadata: Object.fromEntries(pairs), version: toText(version) })
}

function addMetadata({ metadata }: Found, { value, words: [machine = '', key = ''] }: Entry): void {
  metadata.push({ machine, key, value })
}

function toJob(name: string, parts: Readonly<Record<string, string>>): FleetJob {
  const hash = toHash(readMembers(parts['object'])['UnitHash'])
  return { name, hash, desired: parts['target-state'], target: parts['target'] }
}

/** fleet writes a hash as Go does an array: twenty numbers. */
function toHash(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 20) return undefined
  const bytes = value.filter((byte): byte is number => Number.isInteger(byte) && byte >= 0 && byte <= 255)
  return bytes.length === 20 ? Buffer.from(bytes).toString('hex') : undefined
}

function readMembers(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(text ?? '')) ?? {}
  } catch {
    return {}
  }
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : '')

function noSuchPrefix(keys: Etcd2Keys, prefix: string): FlotaError {
  const [first = ''] = keys.keys()
  return new FlotaError('not_found', `Cannot find fleet's keys: none begins with '${prefix}'`, {
    hint: `There are others, such as '${first}'; --key-prefix says what fleet.conf had as etcd_key_prefix`,
  })
}

import { FlotaError } from '../lib/errors.ts'
import { matchesGlob } from '../lib/glob.ts'
import { toUnitNameParts } from './unit-name.ts'
import type { UnitName, UnitOption } from './unit.ts'

/** What `[X-Fleet]` (and `[X-Flota]`) of one unit ask for, specifiers replaced. Lists keep the file's order. */
export interface Requirements {
  readonly machineId: string | undefined
  readonly machineOf: readonly string[]
  /** Key to its alternatives: same key = OR, different keys = AND. */
  readonly metadata: ReadonlyMap<string, readonly string[]>
  /** Globs of path.Match in Go. */
  readonly conflicts: readonly string[]
  readonly replaces: readonly string[]
  readonly isGlobal: boolean
}

const sections: readonly string[] = ['X-Fleet', 'X-Flota']

/** Today's key of each requirement first, then the forms that fleet gave up and files still have. */
const spellings = {
  machineId: ['MachineID', 'X-ConditionMachineID', 'X-ConditionMachineBootID'],
  machineOf: ['MachineOf', 'X-ConditionMachineOf'],
  metadata: ['MachineMetadata', 'X-ConditionMachineMetadata'],
  conflicts: ['Conflicts', 'X-Conflicts'],
  replaces: ['Replaces'],
  global: ['Global'],
} as const

const knownKeys: readonly string[] = Object.values(spellings).flat()
const truthy: readonly string[] = ['true', 'yes', '1', 'on', 't']

/** Throws `invalid_argument` with fleet's message where requirements exclude each other. */
export function parseRequirements(unit: UnitName, options: readonly UnitOption[]): Requirements {
  const read = (keys: readonly string[]) => readValues({ unit, options, keys })
  const requirements: Requirements = {
    machineId: read(spellings.machineId).find((value) => value !== ''),
    machineOf: toWords(read(spellings.machineOf)),
    metadata: toMetadata(read(spellings.metadata)),
    conflicts: toWords(read(spellings.conflicts)),
    replaces: toWords(read(spellings.replaces)),
    isGlobal: truthy.includes(read(spellings.global).at(-1)?.toLowerCase() ?? ''),
  }
  const fault = findContradiction(requirements)
  if (fault !== undefined) throw new FlotaError('invalid_argument', fault)
  return requirements
}

/** Keys of `[X-Fleet]` and `[X-Flota]` that mean nothing: worth a warning, no more, as in fleet. */
export function findUnknownRequirements(options: readonly UnitOption[]): readonly string[] {
  const names = options.filter(({ section, name }) => sections.includes(section) && !knownKeys.includes(name))
  return [...new Set(names.map(({ name }) => name))]
}

interface ReadOptions {
  readonly unit: UnitName
  readonly options: readonly UnitOption[]
  readonly keys: readonly string[]
}

/** One value a line, or one a quoted string of it. */
function readValues({ unit, options, keys }: ReadOptions): readonly string[] {
  return keys.flatMap((key) =>
    options
      .filter(({ section, name }) => name === key && sections.includes(section))
      .flatMap(({ value }) => toValues(replaceSpecifiers(value, unit))),
  )
}

/** A line that starts and ends with a quote is a list: blanks outside of quotes part its values, and the quotes go. */
function toValues(text: string): readonly string[] {
  if (!text.startsWith('"') || !text.endsWith('"')) return [text]
  return text
    .split('"')
    .map((part, at) => (at % 2 === 0 ? part.replaceAll(/[ \t]+/g, '\n') : part.replaceAll('\n', ' ')))
    .join('')
    .split('\n')
}

/** Names and globs have no blanks: each word is one, also of a value in quotes. */
function toWords(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(/\s+/)).filter((word) => word !== '')
}

function replaceSpecifiers(text: string, unit: UnitName): string {
  if (!text.includes('%')) return text
  const { name, prefix, instance = '' } = toUnitNameParts(unit)
  const specifiers: Readonly<Record<string, string>> = { '%n': unit, '%N': name, '%p': prefix, '%i': instance }
  return text.replace(/%[nNpi]/g, (specifier) => specifiers[specifier] ?? specifier)
}

/** A value without exactly one `=` is passed over, as fleet does. */
function toMetadata(values: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const metadata = new Map<string, string[]>()
  for (const value of values) {
    const [key = '', wanted = '', ...rest] = value.split('=')
    if (!value.includes('=') || rest.length > 0) continue
    const alternatives = metadata.get(key)
    if (alternatives === undefined) metadata.set(key, [wanted])
    else if (!alternatives.includes(wanted)) alternatives.push(wanted)
  }
  return metadata
}

/** fleet refuses MachineID with Conflicts as well; here it is allowed: a pinned unit may want its machine to itself. */
function findContradiction(requirements: Requirements): string | undefined {
  const { machineOf, conflicts, replaces, machineId, isGlobal } = requirements
  return (
    findMatchingPeer(machineOf, conflicts, 'conflict') ??
    findMatchingPeer(machineOf, replaces, 'replace') ??
    (machineId === undefined ? undefined : findPartner('MachineID', requirements, ['Peers', 'Global', 'Replaces'])) ??
    (isGlobal ? findPartner('Global', requirements, ['Peers', 'Replaces']) : undefined) ??
    (conflicts.length > 0 ? findPartner('Conflicts', requirements, ['Replaces']) : undefined)
  )
}

function findMatchingPeer(peers: readonly string[], globs: readonly string[], word: string): string | undefined {
  for (const peer of peers) {
    const glob = globs.find((pattern) => matchesGlob(pattern, peer))
    if (glob !== undefined) return `unresolvable requirements: peer "${peer}" matches ${word} "${glob}"`
  }
  return undefined
}

type Partner = 'Peers' | 'Global' | 'Replaces'

function findPartner(name: string, requirements: Requirements, partners: readonly Partner[]): string | undefined {
  const isAsked: Readonly<Record<Partner, boolean>> = {
    Peers: requirements.machineOf.length > 0,
    Global: requirements.isGlobal,
    Replaces: requirements.replaces.length > 0,
  }
  const partner = partners.find((candidate) => isAsked[candidate])
  return partner === undefined ? undefined : `${name} cannot be used with ${partner}`
}

import { isAlias, isMap, isScalar, isSeq, type Document, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Finding } from './finding.ts'
import { nearestName } from '../lib/nearest-name.ts'

/** One run over a document: where to look up aliases, and where findings go. */
export interface Reading {
  readonly document: Document
  report(level: Finding['level'], node: unknown, message: string): void
  /** How many errors have been reported so far. */
  errors(): number
}

/** Takes a typed value out of a YAML node, or reports why it cannot and gives undefined. */
export interface Reader<T> {
  /** Go's word for the type: users know it from coreos-cloudinit's messages. */
  readonly want: string
  read(node: unknown, name: string, reading: Reading): T | undefined
}

export type ReaderType<R> = R extends Reader<infer T> ? T : never

/** The text as it was written: `0644` is not a number here, nor `off` a boolean. */
export function string(options: { readonly valid?: RegExp } = {}): Reader<string> {
  return scalar('string', (node, reading) => {
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    if (options.valid === undefined || text === '' || options.valid.test(text)) return text
    reading.report('error', node, `invalid value ${text}`)
    return undefined
  })
}

export const boolean: Reader<boolean> = scalar('bool', (node) => (typeof node.value === 'boolean' ? node.value : wrong))

export const integer: Reader<number> = scalar('int', ({ value }) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : wrong,
)

export const float: Reader<number> = scalar('float64', ({ value }) =>
  typeof value === 'number' && Number.isFinite(value) ? value : wrong,
)

export function list<T>(of: Reader<T>): Reader<readonly T[]> {
  const want = `[]${of.want}`
  return {
    want,
    read(node, name, reading) {
      const value = follow(node, reading)
      if (isAbsent(value)) return undefined
      if (!isSeq(value)) {
        refuse(node, { name, want, reading })
        return undefined
      }
      return value.items.flatMap((item, at) => of.read(item, `${name}[${at}]`, reading) ?? [])
    },
  }
}

export type Keys = Readonly<Record<string, Reader<unknown>>>
export type Read<K extends Keys> = { readonly [N in keyof K]?: ReaderType<K[N]> }

export interface MapOptions {
  /** With an error inside, the whole map is dropped: half a file or half a unit would be worse than none. */
  readonly allOrNothing?: boolean
  /** Keys that belong elsewhere, and what to say. */
  readonly misplaced?: Readonly<Record<string, string>>
}

/** A mapping with known keys, written with hyphens or underscores. An unknown key is reported and ignored; of two equal ones the last counts. */
export function map<K extends Keys>(keys: K, options: MapOptions = {}): Reader<Read<K>> {
  return {
    want: 'struct',
    read(node, name, reading) {
      const value = follow(node, reading)
      if (isAbsent(value)) return undefined
      if (!isMap(value)) {
        refuse(node, { name, want: 'struct', reading })
        return undefined
      }
      const errorsBefore = reading.errors()
      const result = readPairs(value, { keys, misplaced: options.misplaced ?? {}, reading })
      if (options.allOrNothing === true && reading.errors() > errorsBefore) return undefined
      return result as Read<K>
    },
  }
}

interface PairsOptions {
  readonly keys: Keys
  readonly misplaced: Readonly<Record<string, string>>
  readonly reading: Reading
}

function readPairs(value: YAMLMap, { keys, misplaced, reading }: PairsOptions): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const seen = new Set<string>()
  for (const pair of value.items) {
    const written = keyText(pair)
    const key = written.replaceAll('-', '_')
    const reader = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (reader === undefined) {
      const elsewhere = Object.hasOwn(misplaced, key) ? misplaced[key] : undefined
      reading.report(elsewhere === undefined ? 'warning' : 'info', pair.key, elsewhere ?? unknownKey(written, keys))
      continue
    }
    if (seen.has(key)) reading.report('warning', pair.key, `key "${written}" is given twice; the last one counts`)
    seen.add(key)
    const read = reader.read(pair.value, written, reading)
    if (read === undefined) Reflect.deleteProperty(result, key)
    else result[key] = read
  }
  return result
}

function unknownKey(written: string, keys: Keys): string {
  const meant = nearestName(written.replaceAll('-', '_'), Object.keys(keys))
  return `unrecognized key "${written}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`
}

const keyText = ({ key }: Pair): string => (isScalar(key) ? (key.source ?? String(key.value)) : '')

const wrong = Symbol('wrong type')

function scalar<T>(
  want: string,
  convert: (node: Scalar, reading: Reading) => T | typeof wrong | undefined,
): Reader<Exclude<T, typeof wrong>> {
  return {
    want,
    read(node, name, reading) {
      const value = follow(node, reading)
      if (isAbsent(value)) return undefined
      const converted = isScalar(value) ? convert(value, reading) : wrong
      if (converted !== wrong) return converted as Exclude<T, typeof wrong>
      refuse(node, { name, want, reading })
      return undefined
    },
  }
}

interface Refusal {
  readonly name: string
  readonly want: string
  readonly reading: Reading
}

function refuse(node: unknown, { name, want, reading }: Refusal): void {
  reading.report('warning', node, `incorrect type for "${name}" (want ${want})`)
}

const follow = (node: unknown, { document }: Reading): unknown => (isAlias(node) ? node.resolve(document) : node)

/** A key without a value is as good as no key. */
const isAbsent = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null)

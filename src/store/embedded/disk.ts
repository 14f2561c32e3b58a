import { mkdir } from 'node:fs/promises'
import type { ClassicLevel } from 'classic-level'
import { FlotaError } from '../../lib/errors.ts'
import type { Entry, LeaseId } from '../store.ts'
import { type Outcome, State } from './state.ts'

/** Names inside the database. `format` guards against an older Flota reading what a newer one wrote. */
const entryPrefix = 'k!'
const leasePrefix = 'l!'
const formatKey = 'm!format'
const revisionKey = 'm!revision'
const lastLeaseKey = 'm!lease'
const format = '1'

interface KeptEntry {
  readonly value: string
  readonly create: string
  readonly mod: string
  readonly lease: string
}

/** The state on disk. LevelDB writes a batch whole or not at all, and `write` resolves only after fsync. */
export class Disk {
  readonly #level: ClassicLevel
  readonly #directory: string

  private constructor(level: ClassicLevel, directory: string) {
    this.#level = level
    this.#directory = directory
  }

  /** Throws `failed_precondition` while another process has it open. */
  static async open(directory: string): Promise<Disk> {
    // Loaded only here: a machine that uses etcd does not need the native library.
    const { ClassicLevel } = await import('classic-level')
    await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw new FlotaError('failed_precondition', `Cannot create the store's directory '${directory}'`, { cause })
    })
    const level = new ClassicLevel(directory)
    try {
      await level.open()
    } catch (error) {
      throw toOpenError(directory, error)
    }
    return new Disk(level, directory)
  }

  async load(): Promise<State> {
    const entries = new Map<string, Entry>()
    const leases = new Map<LeaseId, number>()
    const meta = new Map<string, string>()
    for await (const [name, value] of this.#level.iterator()) {
      if (name.startsWith(entryPrefix)) entries.set(name.slice(2), toEntry(name.slice(2), value))
      else if (name.startsWith(leasePrefix)) leases.set(BigInt(name.slice(2)), Number(value))
      else meta.set(name, value)
    }
    this.#checkFormat(meta.get(formatKey) ?? format)
    const revision = BigInt(meta.get(revisionKey) ?? 1)
    return new State({ revision, lastLease: BigInt(meta.get(lastLeaseKey) ?? 0), entries, leases })
  }

  async write(outcome: Outcome): Promise<void> {
    const batch = this.#level
      .batch()
      .put(formatKey, format)
      .put(revisionKey, outcome.revision.toString())
      .put(lastLeaseKey, outcome.lastLease.toString())
    for (const [key, entry] of outcome.entries) {
      if (entry === undefined) batch.del(entryPrefix + key)
      else batch.put(entryPrefix + key, fromEntry(entry))
    }
    for (const [lease, ttlSeconds] of outcome.leases) {
      if (ttlSeconds === undefined) batch.del(leasePrefix + lease.toString())
      else batch.put(leasePrefix + lease.toString(), ttlSeconds.toString())
    }
    await batch.write({ sync: true })
  }

  async close(): Promise<void> {
    await this.#level.close()
  }

  #checkFormat(found: string): void {
    if (found === format) return
    throw new FlotaError(
      'unsupported',
      `Cannot open store '${this.#directory}': its format ${found} is newer than ${format}`,
      { hint: 'it was written by a newer Flota; install that version again' },
    )
  }
}

function toEntry(key: string, text: string): Entry {
  const { value, create, mod, lease } = JSON.parse(text) as KeptEntry
  return { key, value, createRevision: BigInt(create), modRevision: BigInt(mod), lease: BigInt(lease) }
}

function fromEntry({ value, createRevision, modRevision, lease }: Entry): string {
  const kept: KeptEntry = {
    value,
    create: createRevision.toString(),
    mod: modRevision.toString(),
    lease: lease.toString(),
  }
  return JSON.stringify(kept)
}

function toOpenError(directory: string, error: unknown): FlotaError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') {
    return new FlotaError('failed_precondition', `Cannot open store '${directory}': another process has it open`, {
      cause,
      hint: 'only one flotad may run with this data directory; stop the other one or give each its own',
    })
  }
  return new FlotaError('failed_precondition', `Cannot open store '${directory}'`, { cause })
}

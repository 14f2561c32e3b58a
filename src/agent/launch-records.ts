import { join } from 'node:path'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import type { Disk } from './disk.ts'

/**
 * What this machine was last told to start, and did: it decides what "already started" means, also for a flotad that was killed
 * at any point. `starting` is written before systemd is asked, `started` once systemd took the job.
 */
export interface LaunchRecord {
  readonly unit: UnitName
  readonly hash: UnitHash
  readonly generation: number
  readonly bootId: string
  readonly phase: 'starting' | 'started'
  /** The unit's invocation id at the time of writing: before the start while `starting`. Empty when systemd knew none. */
  readonly invocation: string
}

const suffix = '.json'

/** Launch records under /run: they end with the boot, as the units do. */
export class LaunchRecords {
  readonly #folder: string
  readonly #disk: Disk
  readonly #records: Map<UnitName, LaunchRecord>

  private constructor(folder: string, disk: Disk, records: readonly LaunchRecord[]) {
    this.#folder = folder
    this.#disk = disk
    this.#records = new Map(records.map((record) => [record.unit, record]))
  }

  static async open(folder: string, disk: Disk): Promise<LaunchRecords> {
    const names = (await disk.list(folder)).filter((name) => name.endsWith(suffix))
    const records = await Promise.all(names.map(async (name) => parseLaunchRecord(await disk.read(join(folder, name)))))
    return new LaunchRecords(
      folder,
      disk,
      records.filter((record) => record !== undefined),
    )
  }

  get(unit: UnitName): LaunchRecord | undefined {
    return this.#records.get(unit)
  }

  names(): readonly UnitName[] {
    return [...this.#records.keys()]
  }

  async put(record: LaunchRecord): Promise<void> {
    await this.#disk.write(this.#path(record.unit), `${JSON.stringify(record)}\n`)
    this.#records.set(record.unit, record)
  }

  async remove(unit: UnitName): Promise<void> {
    await this.#disk.remove(this.#path(unit))
    this.#records.delete(unit)
  }

  #path(unit: UnitName): string {
    return join(this.#folder, parseUnitName(unit) + suffix)
  }
}

/** Undefined for what is no record: then the unit counts as never launched, and one that runs is adopted. */
export function parseLaunchRecord(text: string): LaunchRecord | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  const { unit, hash, generation, bootId, phase, invocation } = value as Partial<Record<keyof LaunchRecord, unknown>>
  const isRecord =
    [unit, hash, bootId, invocation].every((word) => typeof word === 'string') &&
    typeof generation === 'number' &&
    (phase === 'starting' || phase === 'started')
  return isRecord ? (value as LaunchRecord) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

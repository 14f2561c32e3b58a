import { join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import { hashUnitText } from '../unit/hash.ts'
import { parseUnitFile, serialiseUnitFile } from '../unit/unit-file.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import type { Disk } from './disk.ts'

export interface UnitFile {
  readonly hash: UnitHash
  /** It has an [Install] section: systemd is to enable it after it was linked. */
  readonly hasInstall: boolean
}

/** The unit files of this machine (`units_directory`), known from one look at the start: nobody else writes there. */
export class UnitFiles {
  readonly #folder: string
  readonly #disk: Disk
  readonly #files: Map<UnitName, UnitFile>

  private constructor(folder: string, disk: Disk, files: Map<UnitName, UnitFile>) {
    this.#folder = folder
    this.#disk = disk
    this.#files = files
  }

  static async open(folder: string, disk: Disk): Promise<UnitFiles> {
    const names = (await disk.list(folder)).flatMap(toUnitName)
    const files = await Promise.all(
      names.map(async (unit) => [unit, toUnitFile(await disk.read(join(folder, unit)))] as const),
    )
    return new UnitFiles(folder, disk, new Map(files))
  }

  get(unit: UnitName): UnitFile | undefined {
    return this.#files.get(unit)
  }

  names(): readonly UnitName[] {
    return [...this.#files.keys()]
  }

  path(unit: UnitName): string {
    return join(this.#folder, unit)
  }

  async write(unit: UnitName, text: string): Promise<void> {
    await this.#disk.write(this.path(parseUnitName(unit)), text)
    this.#files.set(unit, toUnitFile(text))
  }

  async remove(unit: UnitName): Promise<void> {
    await this.#disk.remove(this.path(parseUnitName(unit)))
    this.#files.delete(unit)
  }
}

/** A text that is no unit file has the hash of its bytes: it equals no wanted one, and is replaced or removed. */
export function toUnitFile(text: string): UnitFile {
  try {
    const options = parseUnitFile(text)
    return {
      hash: hashUnitText(serialiseUnitFile(options)),
      hasInstall: options.some(({ section }) => section === 'Install'),
    }
  } catch (error) {
    if (!(error instanceof FlotaError)) throw error
    return { hash: hashUnitText(text), hasInstall: false }
  }
}

/** A file with another kind of name is none of ours. */
function toUnitName(name: string): readonly UnitName[] {
  try {
    return [parseUnitName(name)]
  } catch {
    return []
  }
}

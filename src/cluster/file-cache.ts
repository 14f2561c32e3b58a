import { parseRequirements, type Requirements } from '../unit/requirements.ts'
import { parseUnitFile } from '../unit/unit-file.ts'
import type { UnitHash, UnitName, UnitOption } from '../unit/unit.ts'

/** Unit files, parsed once per hash, and requirements, found once per unit and hash. Both go when their text does. */
export class FileCache {
  readonly texts = new Map<UnitHash, string>()
  readonly #options = new Map<UnitHash, readonly UnitOption[] | undefined>()
  readonly #requirements = new Map<UnitHash, Map<UnitName, Requirements | undefined>>()

  put(hash: UnitHash, text: string | undefined): void {
    if (text === undefined) this.texts.delete(hash)
    else this.texts.set(hash, text)
    this.#options.delete(hash)
    this.#requirements.delete(hash)
  }

  /** Undefined while the text has not arrived, and for a text that is no unit file: the API lets none in. */
  optionsOf(hash: UnitHash): readonly UnitOption[] | undefined {
    const text = this.texts.get(hash)
    if (text === undefined) return undefined
    if (!this.#options.has(hash))
      this.#options.set(
        hash,
        orUndefined(() => parseUnitFile(text)),
      )
    return this.#options.get(hash)
  }

  requirementsOf(unit: UnitName, hash: UnitHash): Requirements | undefined {
    const known = this.#requirements.get(hash) ?? new Map<UnitName, Requirements | undefined>()
    if (known.has(unit)) return known.get(unit)
    const options = this.optionsOf(hash)
    if (options === undefined) return undefined
    const requirements = orUndefined(() => parseRequirements(unit, options))
    this.#requirements.set(hash, known.set(unit, requirements))
    return requirements
  }

  /** A unit no longer has this hash. */
  forget(unit: UnitName, hash: UnitHash): void {
    this.#requirements.get(hash)?.delete(unit)
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

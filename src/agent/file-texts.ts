import { FlotaError } from '../lib/errors.ts'
import { keys } from '../store/keys.ts'
import type { Store } from '../store/store.ts'
import type { UnitHash } from '../unit/unit.ts'

/** Unit texts from the store, each read once however many instances use it. */
export class FileTexts {
  readonly #store: Store
  readonly #texts = new Map<UnitHash, Promise<string>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Rejects with `not_found` when the store has no such file; asked again, it looks again. */
  get(hash: UnitHash): Promise<string> {
    const known = this.#texts.get(hash)
    if (known !== undefined) return known
    const text = this.#read(hash)
    this.#texts.set(hash, text)
    text.catch(() => this.#texts.delete(hash))
    return text
  }

  /** Forgets what nobody here wants any more. */
  keepOnly(hashes: ReadonlySet<UnitHash>): void {
    for (const hash of this.#texts.keys()) if (!hashes.has(hash)) this.#texts.delete(hash)
  }

  async #read(hash: UnitHash): Promise<string> {
    const { entries } = await this.#store.read({ key: keys.file(hash) })
    const [entry] = entries
    if (entry === undefined) throw new FlotaError('not_found', `Cannot read unit file '${hash}': the store has none`)
    return entry.value
  }
}

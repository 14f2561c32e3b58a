import { lstat, mkdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import type { UnitName } from '../unit/unit.ts'

/** Where systemd looks for units of this boot (systemd.unit(5)). */
const folder = '/run/systemd/system'

/**
 * Links to unit files, made as `systemctl link --runtime` makes them but without systemd's own call: that call marks every unit of the machine as
 * changed on disk until the next daemon-reload (systemd 254 and later), and a new link needs none.
 */
export class UnitLinks {
  readonly #root: string

  /** `root`: the machine's `/` as seen from here. */
  constructor(root: string) {
    this.#root = root
  }

  /** Errors: `not_found` without a file, `failed_precondition` where something that is no link stands in the way. */
  async make(path: string): Promise<void> {
    const unit = basename(path)
    const link = join(this.#root, folder, unit)
    await stat(join(this.#root, path)).catch((cause: unknown) => {
      throw new FlotaError('not_found', `Cannot link unit '${unit}': there is no file '${path}'`, { cause })
    })
    await this.#refuseToReplace(link, unit)
    await mkdir(join(this.#root, folder), { recursive: true })
    const aside = join(this.#root, folder, `.${unit}.new`)
    await rm(aside, { force: true })
    await symlink(path, aside)
    await rename(aside, link)
  }

  /** A link that is not there is no error; what is no link is left alone. */
  async remove(unit: UnitName): Promise<void> {
    const link = join(this.#root, folder, unit)
    if ((await lstat(link).catch(() => undefined))?.isSymbolicLink() === true) await rm(link, { force: true })
  }

  async #refuseToReplace(link: string, unit: string): Promise<void> {
    const found = await lstat(link).catch(() => undefined)
    if (found === undefined || found.isSymbolicLink()) return
    throw new FlotaError(
      'failed_precondition',
      `Cannot link unit '${unit}': '${join(folder, unit)}' is a file of its own`,
      {
        hint: 'Somebody else manages a unit of this name here: remove that file, or name the unit otherwise',
      },
    )
  }
}

import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import { parseChange, type Change } from './records.ts'

const fileName = 'discovery.journal'

/** What was there when the journal was opened, and where further changes go. */
export interface OpenedJournal {
  readonly changes: readonly Change[]
  readonly journal: Journal
}

/** An append-only file of changes, one JSON object a line. A change is on the disk when `append` resolves, or it is not there at all. */
export class Journal {
  readonly #file: FileHandle
  #length: number
  #broken: unknown

  private constructor(file: FileHandle, length: number) {
    this.#file = file
    this.#length = length
  }

  /** Reads what is there, folds it by `fold`, and writes the result as the new start of the journal. */
  static async open(dir: string, fold: (changes: readonly Change[]) => readonly Change[]): Promise<OpenedJournal> {
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const path = join(dir, fileName)
      const changes = fold(parseJournal(await readIfThere(path), path))
      const length = await replace(dir, changes.map(toLine).join(''))
      return { changes, journal: new Journal(await open(path, 'r+'), length) }
    } catch (cause) {
      if (cause instanceof FlotaError) throw cause
      throw new FlotaError('unavailable', `Cannot open discovery journal in '${dir}'`, {
        cause,
        hint: 'give a directory that this user may write with --data-dir',
      })
    }
  }

  async append(change: Change): Promise<void> {
    if (this.#broken !== undefined) throw this.#failed(this.#broken)
    const line = Buffer.from(toLine(change))
    try {
      await this.#file.write(line, 0, line.length, this.#length)
      await this.#file.datasync()
      this.#length += line.length
    } catch (cause) {
      await this.#cutBack()
      throw this.#failed(cause)
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** Half a line must not stay before the next one. Where even that fails, nothing more is accepted. */
  async #cutBack(): Promise<void> {
    try {
      await this.#file.truncate(this.#length)
      await this.#file.datasync()
    } catch (error) {
      this.#broken = error
    }
  }

  #failed(cause: unknown): FlotaError {
    return new FlotaError('unavailable', 'Cannot write discovery journal', { cause })
  }
}

const toLine = (change: Change): string => `${JSON.stringify(change)}\n`

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** A last line without its end is a change that was never acknowledged; anything else that cannot be read is damage. */
function parseJournal(text: string, path: string): readonly Change[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line, at) => {
    const change = parseChange(line)
    if (change !== undefined) return change
    throw new FlotaError('internal', `Cannot read discovery journal '${path}': line ${at + 1} is damaged`, {
      hint: 'move the file away to start with no tokens',
    })
  })
}

/** Writes aside, then renames, so that a crash leaves the old journal or the new one. Resolves with the length. */
async function replace(dir: string, text: string): Promise<number> {
  const path = join(dir, fileName)
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  const directory = await open(dir, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
  return Buffer.byteLength(text)
}

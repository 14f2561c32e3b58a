import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FlotaError } from '../lib/errors.ts'

export interface FileToWrite {
  readonly path: string
  readonly content: string | Buffer
  readonly mode: number
  /** Gives the file, not yet in its place, to its owner. */
  readonly give?: (path: string) => Promise<void>
}

/** Puts the file in its place in one piece; parents that are missing are made. False when it was there already, just so. */
export async function writeFileInPlace({ path, content, mode, give }: FileToWrite): Promise<boolean> {
  const bytes = Buffer.from(content)
  if (await isThere({ path, bytes, mode })) {
    await give?.(path)
    return false
  }
  const aside = `${path}.flota-new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    await rm(aside, { force: true })
    // 'wx' does not follow a link that somebody put there.
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(aside, mode)
    await give?.(aside)
    await rename(aside, path)
    return true
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {})
    throw new FlotaError('failed_precondition', `Cannot write file '${path}'`, { cause })
  }
}

interface Expected {
  readonly path: string
  readonly bytes: Buffer
  readonly mode: number
}

async function isThere({ path, bytes, mode }: Expected): Promise<boolean> {
  try {
    const found = await lstat(path)
    return found.isFile() && (found.mode & 0o7777) === mode && bytes.equals(await readFile(path))
  } catch {
    return false
  }
}

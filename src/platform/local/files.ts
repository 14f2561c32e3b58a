import { randomUUID } from 'node:crypto'
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** True when something is there, whatever it is. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Writes beside and renames, so that a reader or a crash never sees half a file. */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const beside = `${path}.${randomUUID()}.new`
  await writeFile(beside, text, { mode })
  await chmod(beside, mode)
  await rename(beside, path)
}

/** Makes a folder by filling another and renaming it when complete. What an earlier, interrupted try left is removed first. */
export async function makeWhole(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const beside = `${path}.partial`
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { recursive: true })
  try {
    await fill(beside)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'

/** The few things the agent does with files. A port, so that a test can end the agent between any two of them. */
export interface Disk {
  /** Names in the folder, which is made when it is not there. Leftovers of `write` are removed and not named. */
  list(folder: string): Promise<readonly string[]>
  read(path: string): Promise<string>
  /** All of the text or nothing of it, mode 0644. Not synced: everything the agent writes lies under /run and ends with the boot. */
  write(path: string, text: string): Promise<void>
  /** A file that is not there is no error. */
  remove(path: string): Promise<void>
}

const unfinished = '.new'

export const realDisk: Disk = {
  list: async (folder) => {
    await mkdir(folder, { recursive: true })
    const names = await readdir(folder)
    await Promise.all(names.filter(isUnfinished).map((name) => rm(`${folder}/${name}`, { force: true })))
    return names.filter((name) => !isUnfinished(name)).toSorted()
  },
  read: (path) => readFile(path, 'utf8'),
  write: async (path, text) => {
    const temporary = path + unfinished
    await writeFile(temporary, text)
    await chmod(temporary, 0o644)
    await rename(temporary, path)
  },
  remove: (path) => rm(path, { force: true }),
}

const isUnfinished = (name: string): boolean => name.endsWith(unfinished)

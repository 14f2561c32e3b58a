import { lstat, mkdir, readFile, chown } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import { writeFileInPlace } from './write-file.ts'

/** Adds keys to the user's authorized_keys, those that are not there yet. False when all were there. */
export async function authorizeKeys(root: string, user: string, keys: readonly string[]): Promise<boolean> {
  const account = findAccount(await readFile(join(root, 'etc/passwd'), 'utf8').catch(() => ''), user)
  if (account === undefined) {
    throw new FlotaError('not_found', `Cannot allow SSH keys for '${user}': there is no such user`)
  }
  const { home, uid, gid } = account
  const dir = join(root, home, '.ssh')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (!(await lstat(dir)).isDirectory()) {
    throw new FlotaError('failed_precondition', `Cannot allow SSH keys for '${user}': '${dir}' is no directory`)
  }
  await chown(dir, uid, gid)
  const path = join(dir, 'authorized_keys')
  const before = await readRegular(path)
  const content = addLines(before, keys)
  return writeFileInPlace({ path, content, mode: 0o600, give: (file) => chown(file, uid, gid) })
}

export function addLines(text: string, lines: readonly string[]): string {
  const there = new Set(text.split('\n').map((line) => line.trim()))
  const added = [...new Set(lines)].filter((line) => !there.has(line))
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return start + added.map((line) => `${line}\n`).join('')
}

interface Account {
  readonly home: string
  readonly uid: number
  readonly gid: number
}

/** A line of passwd(5): name, password, uid, gid, comment, home, shell. */
function findAccount(passwd: string, user: string): Account | undefined {
  const fields = passwd.split('\n').map((line) => line.split(':'))
  const [, , uid, gid, , home] = fields.find(([name]) => name === user) ?? []
  return home === undefined || home === '' ? undefined : { home, uid: Number(uid), gid: Number(gid) }
}

/** The user could link this file to one that only root may read. */
async function readRegular(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined)
  return found?.isFile() === true ? readFile(path, 'utf8') : ''
}

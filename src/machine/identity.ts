import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import type { MachineId } from './machine.ts'
import { parseMachineId } from './machine.ts'

/** Who this machine is: see "Who am I" in the rules that close the races (ARCHITECTURE.md). */
export interface Identity {
  readonly id: MachineId
  /** Made once per installation: tells a machine from another that carries a copy of its machine-id. */
  readonly nonce: string
  /** Changes with each boot. */
  readonly bootId: string
}

export interface IdentityPaths {
  readonly machineId: string
  readonly bootId: string
  readonly nonce: string
}

/** `dataDirectory` is durable, such as /var/lib/flota. */
export const identityPaths = (dataDirectory: string): IdentityPaths => ({
  machineId: '/etc/machine-id',
  bootId: '/proc/sys/kernel/random/boot_id',
  nonce: join(dataDirectory, 'nonce'),
})

/** Makes the nonce when there is none. Errors name the file that stands in the way. */
export async function readIdentity(paths: IdentityPaths): Promise<Identity> {
  return {
    id: parseMachineId(await readText(paths.machineId)),
    bootId: (await readText(paths.bootId)).trim(),
    nonce: await readOrMakeNonce(paths.nonce),
  }
}

async function readOrMakeNonce(path: string): Promise<string> {
  const found = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (found !== '') return found
  const nonce = randomBytes(16).toString('hex')
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeDurably(path, `${nonce}\n`)
  } catch (cause) {
    throw new FlotaError('internal', `Cannot write the machine's nonce '${path}'`, { cause })
  }
  return nonce
}

/** A power cut leaves the whole file or none: a machine that lost its nonce would be refused as a copy of itself. */
async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path))
  await folder.sync().finally(() => folder.close())
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new FlotaError('failed_precondition', `Cannot read '${path}'`, { cause })
  }
}

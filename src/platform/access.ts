import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../client/context.ts'
import { exists, writeWhole } from './local/files.ts'
import { hostKey } from './local/local.ts'
import { run } from './local/run.ts'
import type { PlatformMachine } from './platform.ts'

const identityFile = (folder: string): string => join(folder, 'ssh/id_ed25519')
export const knownHostsFile = (folder: string): string => join(folder, 'ssh/known_hosts')

/** The cluster's own key pair, made once. Gives the public line for authorized_keys. */
export async function ensureKey(folder: string, cluster: string): Promise<string> {
  const path = identityFile(folder)
  await mkdir(join(folder, 'ssh'), { recursive: true, mode: 0o700 })
  if (!(await exists(`${path}.pub`))) {
    // Half a pair of an interrupted run would make ssh-keygen ask.
    await run(['rm', '-f', path])
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `flota ${cluster}`, '-f', path])
  }
  return (await readFile(`${path}.pub`, 'utf8')).trim()
}

/** How to reach these machines by SSH. Their host keys are known beforehand: nobody is asked to trust on first use. */
export async function writeAccess(
  folder: string,
  cluster: string,
  machines: readonly PlatformMachine[],
): Promise<Context> {
  const lines = await Promise.all(
    machines.map(async ({ name, publicIp }) => `${publicIp},${name} ${await hostKey(folder, name)}\n`),
  )
  await writeWhole(knownHostsFile(folder), lines.join(''), 0o600)
  return {
    name: cluster,
    user: 'core',
    addresses: machines.map((machine) => machine.publicIp),
    identityFile: identityFile(folder),
    knownHostsFile: knownHostsFile(folder),
  }
}

import { spawn } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context, ContextEnv } from '../client/context.ts'
import { prepareSsh } from '../client/ssh.ts'

/** Ends the SSH connections that the CLI keeps open to the cluster's machines, and removes what it keeps to make them. */
export async function closeSharedConnections(context: Context, env: ContextEnv): Promise<void> {
  const { name, user, identityFile, knownHostsFile, addresses } = context
  const settings = { name: `context-${name}`, user, identityFile, knownHostsFile, hostKeys: 'accept-new' as const }
  const ssh = await prepareSsh({ ...settings, connectTimeoutSeconds: 1, isComplete: true }, env)
  await Promise.all(addresses.map((host) => endMaster(ssh.args({ host }))))
  const [, configuration = ''] = ssh.args({ host: '' })
  await removeConfigurations(dirname(configuration), name)
}

/** One for each set of flags that the CLI was called with: their names end in a hash. */
async function removeConfigurations(folder: string, name: string): Promise<void> {
  const ours = new RegExp(`^context-${name}(-[0-9a-f]+)?\\.conf$`)
  for (const file of await readdir(folder)) if (ours.test(file)) await rm(join(folder, file), { force: true })
}

/** No connection is no error: ssh says so with its exit code, which nobody needs. */
async function endMaster(args: readonly string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn('ssh', ['-O', 'exit', ...args], { stdio: 'ignore' })
    child.on('error', reject)
    child.on('exit', () => resolve())
  })
}

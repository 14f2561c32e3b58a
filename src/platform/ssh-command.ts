import type { Context } from '../client/context.ts'

/** An argument that only sessions to this cluster have: the ones of an interrupted run are found by it. */
export const sshMark = ({ knownHostsFile }: Pick<Context, 'knownHostsFile'>): string =>
  `UserKnownHostsFile=${knownHostsFile}`

/** The ssh(1) command line for one machine of a cluster, without a question and without the user's own configuration. */
export function sshCommand(context: Context, address: string, remote: readonly string[]): readonly string[] {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=5',
    'IdentitiesOnly=yes',
    'LogLevel=ERROR',
    'StrictHostKeyChecking=yes',
    'ServerAliveInterval=5',
    sshMark(context),
  ]
  const flags = options.flatMap((option) => ['-o', option])
  return ['ssh', '-F', 'none', '-i', context.identityFile, ...flags, `${context.user}@${address}`, '--', ...remote]
}

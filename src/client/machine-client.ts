import type { Clock } from '../lib/clock.ts'
import type { ApiClient } from './api-client.ts'
import { defaultSocket } from './choose-endpoint.ts'
import type { Connection } from './connect.ts'
import { forwardCommand } from './connect.ts'

export interface MachineClientOptions {
  readonly clock: Clock
  readonly timeoutMs: number
}

/** The API of one certain machine of the cluster, over the SSH that reaches it. The caller closes it. */
export async function machineClient(
  connection: Connection,
  address: string,
  options: MachineClientOptions,
): Promise<ApiClient> {
  const { SshClient } = await import('./ssh-client.ts')
  const ssh = await connection.ssh()
  const jump = await connection.jumpFor(address)
  return new SshClient({
    ssh: { ...ssh, args: (to) => ssh.args(to, jump) },
    hosts: [{ host: address }],
    before: [],
    onward: forwardCommand(defaultSocket),
    ...options,
  })
}

import type { ApiClient } from '../client/api-client.ts'
import type { Connection } from '../client/connect.ts'
import { connect } from '../client/connect.ts'
import type { GlobalOptions, World } from './deps.ts'
import { warn } from './warn.ts'

/** The way to the cluster that the flags mean. */
export async function openConnection(world: World, globals: GlobalOptions): Promise<Connection> {
  const [first, ...more] = globals.endpoint?.split(',') ?? []
  if (more.length > 0) warn(world, `multiple endpoints provided but only the first (${first ?? ''}) is used`)
  const connection = await connect(
    {
      endpoint: globals.endpoint,
      tunnel: globals.tunnel,
      context: globals.context,
      sshUsername: globals.sshUsername,
      sshTimeoutSeconds: Math.ceil(globals.sshTimeout),
      strictHostKeys: globals.strictHostKeyChecking,
      knownHostsFile: globals.knownHostsFile,
      timeoutMs: globals.requestTimeout * 1_000,
      isInsecure: globals.insecure,
      caFile: globals.caFile,
      certFile: globals.certFile,
      keyFile: globals.keyFile,
    },
    world.env,
    world.clock,
  )
  return globals.debug ? { ...connection, client: telling(connection.client, world) } : connection
}

/** --debug: each request and its status. */
function telling(client: ApiClient, { stderr }: World): ApiClient {
  return {
    endpoint: client.endpoint,
    send: async (request) => {
      const answer = await client.send(request)
      stderr.write(`DEBUG HTTP ${request.method} ${client.endpoint}${request.path} ${answer.status}\n`)
      return answer
    },
    close: () => client.close(),
  }
}

import type { Command } from 'commander'
import { listMachines } from '../../client/calls.ts'
import type { CliDeps } from '../deps.ts'

interface ProxyFlags {
  readonly listen: string
}

export function registerProxy(program: Command, deps: CliDeps): void {
  program
    .command('proxy')
    .description("serve the cluster's API on a local port, for curl, scripts and browsers")
    .requiredOption('--listen <address>', 'a loopback address and a port, for example 127.0.0.1:8080')
    .action(async ({ listen }: ProxyFlags) => {
      const { parseLoopback, serveProxy } = await import('../../client/proxy-server.ts')
      const address = parseLoopback(listen)
      const { client } = await deps.connect()
      const stop = deps.interrupted()
      // Asked once before it is served, so that a cluster that cannot be reached is said here.
      await listMachines(client)
      const proxy = await serveProxy(client, address)
      deps.stdout.write(`API of ${client.endpoint} at ${proxy.url}\n`)
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
      await proxy.close()
    })
}

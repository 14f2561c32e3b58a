import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { toAddresses, type InterfaceAddress } from './addresses.ts'
import type { MachineFacts } from './plan.ts'

/** Looks at this machine; `root` is where its file system begins. */
export async function readMachineFacts(root: string): Promise<MachineFacts> {
  const environment = await readFile(join(root, 'etc/environment'), 'utf8').catch(() => '')
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '')
  return {
    environment,
    hostname: hostname(),
    addresses: toAddresses({ environment, routes, interfaces: listAddresses() }),
  }
}

function listAddresses(): readonly InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family, internal }) => ({ interface: name, address, family, internal })),
  )
}

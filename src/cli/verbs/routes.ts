import type { Command } from 'commander'
import type { WireRoute } from '../../client/calls.ts'
import { listRoutes } from '../../client/calls.ts'
import type { CliDeps } from '../deps.ts'
import type { List, ListFlags } from '../list.ts'
import { addListOptions, checkListFlags, orDash, printList } from '../list.ts'

const list: List<WireRoute> = {
  fields: {
    name: ({ name }) => name,
    url: ({ url = '' }) => orDash(url),
    units: ({ units }) => units.join(','),
    healthy: ({ healthy, total }) => `${healthy}/${total}`,
    port: ({ port }) => String(port),
    scheme: ({ scheme }) => scheme,
    error: ({ error = '' }) => orDash(error),
  },
  defaults: ['name', 'url', 'units', 'healthy'],
  toJson: ({ name, url, units, healthy, total, error }) => ({ name, url, units, healthy, total, error }),
}

export function registerRoutes(program: Command, deps: CliDeps): void {
  const command = program.command('routes').description('list what the balancers serve')
  addListOptions(command, list).action(async (flags: ListFlags) => {
    checkListFlags(flags, list)
    const { client } = await deps.connect()
    const routes = await listRoutes(client)
    printList(deps, routes, { ...list, flags })
    if (flags.output === 'json') return
    for (const { name, error } of routes) {
      if (error !== undefined) deps.stderr.write(`Route ${name} is not served as wanted: ${error}\n`)
    }
  })
}

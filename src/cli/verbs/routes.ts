import type { Command } from 'commander'
import type { WireRoute } from '../../client/calls.ts'
import { listRoutes } from '../../client/calls.ts'
import type { CliDeps } from '../deps.ts'
import type { List, ListFlags } from '../list.ts'
import { addListOptions, orDash, showList } from '../list.ts'

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
  wide: ['name', 'url', 'units', 'healthy', 'port', 'scheme', 'error'],
  toJson: ({ name, url, units, healthy, total, error }) => ({ name, url, units, healthy, total, error }),
}

export function registerRoutes(program: Command, deps: CliDeps): void {
  const command = program.command('routes').description('list what the balancers serve')
  addListOptions(command, list).action((flags: ListFlags) =>
    showList(deps, { ...list, flags, read: () => readRoutes(deps, flags) }),
  )
}

async function readRoutes(deps: CliDeps, { output, watch }: ListFlags): Promise<readonly WireRoute[]> {
  const routes = await listRoutes((await deps.connect()).client)
  const isForPeople = (output === undefined || output === 'wide') && watch !== true
  for (const { name, error } of isForPeople ? routes : []) {
    if (error !== undefined) deps.stderr.write(`Route ${name} is not served as wanted: ${error}\n`)
  }
  return routes
}

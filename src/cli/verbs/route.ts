import type { Command } from 'commander'
import { removeRoute, setRoute } from '../../client/calls.ts'
import { FlotaError } from '../../lib/errors.ts'
import type { CliDeps } from '../deps.ts'

interface SetFlags {
  readonly units: readonly string[]
  readonly port: string
  readonly scheme: string
}

export function registerRoute(program: Command, deps: CliDeps): void {
  const route = program.command('route').description('set or remove what the balancers serve')
  route
    .command('set')
    .description('balance over the healthy instances of these units')
    .argument('<name>', 'what the route is called')
    .requiredOption('--units <globs...>', 'names or globs of units, for example nano-container@*.service')
    .requiredOption('--port <port>', 'where each instance listens on its machine')
    .option('--scheme <scheme>', 'how instances speak: http or https', 'http')
    .action(async (name: string, flags: SetFlags) => {
      const body = { units: toUnits(flags.units), port: toPort(flags.port), scheme: toScheme(flags.scheme) }
      const { client } = await deps.connect()
      await setRoute(client, name, body)
      deps.stdout.write(`Route ${name} set\n`)
    })
  route
    .command('rm')
    .description('balance it no more')
    .argument('<name>')
    .action(async (name: string) => {
      const { client } = await deps.connect()
      await removeRoute(client, name)
      deps.stdout.write(`Route ${name} removed\n`)
    })
}

function toUnits(given: readonly string[]): string[] {
  const units = given.flatMap((list) => list.split(',')).filter((unit) => unit !== '')
  if (units.length === 0) throw new FlotaError('invalid_argument', "Cannot set route: '--units' names no unit")
  return units
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new FlotaError('invalid_argument', `Cannot set route: port '${text}' is not a number from 1 to 65535`)
}

function toScheme(text: string): 'http' | 'https' {
  if (text === 'http' || text === 'https') return text
  throw new FlotaError('invalid_argument', `Cannot set route: scheme '${text}' is neither http nor https`)
}

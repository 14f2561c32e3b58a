import { FlotaError } from '../../lib/errors.ts'
import { overlappingRoutes } from './address-plan.ts'
import type { AddressPlan } from './address-plan.ts'
import { run, tryRun } from './run.ts'

export interface BridgeOptions {
  readonly bridge: string
  readonly plan: AddressPlan
  /** The cluster's folder: kept with the bridge as its alias, it says whose it is. */
  readonly owner: string
}

interface Link {
  readonly name: string
  readonly alias: string | undefined
}

/** Throws when the name of the bridge or the range belongs to somebody else. Changes nothing. */
export async function checkNetworkIsFree({ bridge, plan, owner }: BridgeOptions): Promise<void> {
  const found = await findLink(bridge)
  if (found !== undefined && found.alias !== undefined && found.alias !== owner) {
    throw new FlotaError('already_exists', `Cannot use the bridge '${bridge}': it belongs to '${found.alias}'`, {
      hint: 'Choose another cluster name with --name, or remove the other cluster first',
    })
  }
  const routes = (await run(['ip', '-4', 'route', 'show', 'table', 'all']))
    .split('\n')
    .filter((line) => !line.includes(`dev ${bridge} `))
  const taken = overlappingRoutes(plan.range, routes.flatMap(toDestination))
  if (taken.length > 0) {
    throw new FlotaError(
      'already_exists',
      `Cannot use the address range '${plan.range}': this host routes ${taken.join(', ')}`,
      {
        hint: 'Choose another one with --range, for example --range 10.78.0.0/24',
      },
    )
  }
}

/** Local and broadcast entries repeat what the others say. */
function toDestination(line: string): readonly string[] {
  const [first = '', second = ''] = line.trim().split(/\s+/)
  if (first === 'local' || first === 'broadcast') return []
  return [['unreachable', 'blackhole', 'prohibit', 'throw', 'unicast'].includes(first) ? second : first]
}

/** Makes the bridge with the host's address; one that is there is completed. */
export async function ensureBridge({ bridge, plan, owner }: BridgeOptions): Promise<void> {
  if ((await findLink(bridge)) === undefined) await run(['ip', 'link', 'add', 'name', bridge, 'type', 'bridge'])
  await run(['ip', 'link', 'set', 'dev', bridge, 'alias', owner])
  await run(['ip', 'address', 'replace', `${plan.host}/${plan.prefixLength}`, 'dev', bridge])
  await run(['ip', 'link', 'set', 'dev', bridge, 'up'])
}

/** A link that does not exist is no error. */
export async function removeLink(name: string): Promise<void> {
  if ((await findLink(name)) === undefined) return
  const { code, stderr } = await tryRun(['ip', 'link', 'delete', 'dev', name])
  if (code !== 0 && (await findLink(name)) !== undefined) {
    throw new FlotaError('internal', `Cannot remove the link '${name}': ${stderr.trim()}`)
  }
}

export async function findLink(name: string): Promise<Link | undefined> {
  const { code, stdout } = await tryRun(['ip', '-json', 'link', 'show', 'dev', name])
  if (code !== 0) return undefined
  const links: unknown = JSON.parse(stdout)
  const first: unknown = Array.isArray(links) ? links[0] : undefined
  const alias = typeof first === 'object' && first !== null && 'ifalias' in first ? first.ifalias : undefined
  return { name, alias: typeof alias === 'string' ? alias : undefined }
}

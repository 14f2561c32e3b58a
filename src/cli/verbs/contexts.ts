import type { Command } from 'commander'
import { currentContextName, listContexts, requireContext } from '../../client/context.ts'
import type { CliDeps } from '../deps.ts'
import type { List, ListFlags } from '../list.ts'
import { addListOptions, orDash, showList } from '../list.ts'

interface Row {
  readonly name: string
  readonly isCurrent: boolean
  readonly user: string
  readonly addresses: readonly string[]
}

const list: List<Row> = {
  fields: {
    name: ({ name }) => name,
    current: ({ isCurrent }) => (isCurrent ? '*' : '-'),
    user: ({ user }) => user,
    addresses: ({ addresses }) => orDash(addresses.join(',')),
  },
  defaults: ['name', 'current', 'addresses'],
  wide: ['name', 'current', 'user', 'addresses'],
  toJson: ({ name, isCurrent, user, addresses }) => ({ name, current: isCurrent, user, addresses }),
}

export function registerContexts(program: Command, deps: CliDeps): void {
  const command = program.command('contexts').description('list the clusters that are known here')
  addListOptions(command, list).action((flags: ListFlags) =>
    showList(deps, { ...list, flags, read: () => readRows(deps) }),
  )
}

async function readRows({ env }: CliDeps): Promise<readonly Row[]> {
  const current = await currentContextName(env)
  const contexts = (await listContexts(env)).map((name) => requireContext(name, env))
  return (await Promise.all(contexts)).map((context) => ({ ...context, isCurrent: context.name === current }))
}

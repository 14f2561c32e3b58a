import type { Command } from 'commander'
import type { WireMachine } from '../../client/calls.ts'
import { listMachines } from '../../client/calls.ts'
import type { CliDeps } from '../deps.ts'
import type { List, ListFlags } from '../list.ts'
import { inListWords } from '../list-words.ts'
import { addListOptions, orDash, showId, showList } from '../list.ts'

const list: List<WireMachine> = {
  fields: {
    machine: ({ id = '' }, isFull) => showId(id, isFull),
    ip: ({ primaryIP = '' }) => orDash(primaryIP),
    metadata: ({ metadata = {} }) => orDash(showMetadata(metadata)),
  },
  defaults: ['machine', 'ip', 'metadata'],
  wide: ['machine', 'ip', 'metadata'],
  toJson: ({ id, primaryIP = '', metadata = {} }) => ({ machine: id, ip: primaryIP, metadata }),
}

export function registerListMachines(program: Command, deps: CliDeps): void {
  const command = program.command('list-machines').description('list the machines of the cluster')
  const read = async () => {
    const { client } = await deps.connect()
    return inListWords(deps, 'machines', () => listMachines(client))
  }
  addListOptions(command, list).action((flags: ListFlags) => showList(deps, { ...list, flags, read }))
}

function showMetadata(metadata: Readonly<Record<string, string>>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(',')
}

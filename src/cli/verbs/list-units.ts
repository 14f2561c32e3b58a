import type { Command } from 'commander'
import type { WireUnitState } from '../../client/calls.ts'
import { listMachines, listStates } from '../../client/calls.ts'
import type { CliDeps } from '../deps.ts'
import type { List, ListFlags } from '../list.ts'
import { inListWords } from '../list-words.ts'
import { addListOptions, orDash, showList, showMachine } from '../list.ts'

interface Row extends WireUnitState {
  readonly ip: string
}

const list: List<Row> = {
  fields: {
    unit: ({ name = '' }) => name,
    machine: ({ machineID = '', ip }, isFull) => showMachine(machineID, ip, isFull),
    load: ({ systemdLoadState = '' }) => orDash(systemdLoadState),
    active: ({ systemdActiveState = '' }) => orDash(systemdActiveState),
    sub: ({ systemdSubState = '' }) => orDash(systemdSubState),
    hash: ({ hash = '' }, isFull) => orDash(isFull ? hash : hash.slice(0, 7)),
  },
  defaults: ['unit', 'machine', 'active', 'sub'],
  wide: ['unit', 'machine', 'load', 'active', 'sub', 'hash'],
  toJson: (row) => ({
    unit: row.name,
    machine: row.machineID,
    ip: row.ip,
    load: row.systemdLoadState,
    active: row.systemdActiveState,
    sub: row.systemdSubState,
    hash: row.hash,
  }),
}

export function registerListUnits(program: Command, deps: CliDeps): void {
  const command = program.command('list-units').description('list units as systemd on their machines sees them')
  addListOptions(command, list).action((flags: ListFlags) =>
    showList(deps, { ...list, flags, read: () => readRows(deps) }),
  )
}

async function readRows(deps: CliDeps): Promise<readonly Row[]> {
  const { client } = await deps.connect()
  const [states, machines] = await inListWords(deps, 'units', () =>
    Promise.all([listStates(client), listMachines(client)]),
  )
  const ips = new Map(machines.map(({ id, primaryIP = '' }) => [id, primaryIP]))
  return states.map((state) => ({ ...state, ip: ips.get(state.machineID) ?? '' }))
}

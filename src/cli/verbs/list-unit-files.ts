import type { Command } from 'commander'
import type { WireUnit } from '../../client/calls.ts'
import { listMachines, listUnits } from '../../client/calls.ts'
import { hashUnitText } from '../../unit/hash.ts'
import { serialiseUnitFile } from '../../unit/unit-file.ts'
import type { CliDeps } from '../deps.ts'
import type { List, ListFlags } from '../list.ts'
import { inListWords } from '../list-words.ts'
import { addListOptions, checkListFlags, orDash, showList, showMachine } from '../list.ts'
import { isGlobalUnit, optionsOf } from '../unit-options.ts'

interface Row {
  readonly unit: WireUnit
  readonly ip: string
}

const list: List<Row> = {
  fields: {
    unit: ({ unit }) => unit.name ?? '',
    hash: ({ unit }, isFull) => (isFull ? hashOf(unit) : hashOf(unit).slice(0, 7)),
    dstate: ({ unit }) => orDash(unit.desiredState ?? ''),
    state: ({ unit }) => orDash(stateOf(unit) ?? ''),
    target,
    tmachine: target,
    global: ({ unit }) => String(isGlobalUnit(unit)),
    desc: ({ unit }) => orDash(descriptionOf(unit)),
  },
  defaults: ['unit', 'hash', 'dstate', 'state', 'target'],
  wide: ['unit', 'hash', 'dstate', 'state', 'target', 'global', 'desc'],
  toJson: ({ unit, ip }) => ({
    unit: unit.name,
    hash: hashOf(unit),
    dstate: unit.desiredState,
    state: stateOf(unit),
    target: unit.machineID,
    ip,
    global: isGlobalUnit(unit),
    desc: descriptionOf(unit),
  }),
}

export function registerListUnitFiles(program: Command, deps: CliDeps): void {
  const command = program.command('list-unit-files').description('list units as they were asked for')
  addListOptions(command, list).action(async (flags: ListFlags) => {
    const fields = checkListFlags(flags, list)
    if (fields.includes('tmachine')) {
      deps.stderr.write('WARNING: The "tmachine" field is deprecated. Use "target" instead\n')
    }
    await showList(deps, { ...list, flags, read: () => readRows(deps) })
  })
}

async function readRows(deps: CliDeps): Promise<readonly Row[]> {
  const { client } = await deps.connect()
  const [units, machines] = await inListWords(deps, 'units', () =>
    Promise.all([listUnits(client), listMachines(client)]),
  )
  const ips = new Map(machines.map(({ id, primaryIP = '' }) => [id, primaryIP]))
  return units.map((unit) => ({ unit, ip: ips.get(unit.machineID) ?? '' }))
}

/** A global unit has as many states as machines; what a list of the API says of it means nothing. */
function stateOf(unit: WireUnit): WireUnit['currentState'] {
  return isGlobalUnit(unit) ? undefined : unit.currentState
}

function target({ unit, ip }: Row, isFull: boolean): string {
  if (isGlobalUnit(unit)) return 'global'
  const { machineID = '' } = unit
  return machineID === '' ? '-' : showMachine(machineID, ip, isFull)
}

/** The API gives options, not the hash; the canonical text makes it. */
function hashOf(unit: WireUnit): string {
  return hashUnitText(serialiseUnitFile(optionsOf(unit)))
}

function descriptionOf(unit: WireUnit): string {
  return optionsOf(unit).find(({ section, name }) => section === 'Unit' && name === 'Description')?.value ?? ''
}

import { boolean, list, map, string, type ReaderType } from '../reader.ts'
import { unitCommands, type Step } from '../step.ts'

/** A name of systemd.unit(5) or a file of systemd-networkd: it becomes part of a path. */
const unitName =
  /^[\w:.@\\-]+\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope|network|netdev|link)$/
const dropInName = /^(?!\.)[\w:.@\\-]+$/

export const unitReader = map(
  {
    name: string({ valid: unitName }),
    content: string(),
    drop_ins: list(map({ name: string({ valid: dropInName }), content: string() }, { allOrNothing: true })),
    runtime: boolean,
    mask: boolean,
    enable: boolean,
    command: string({ valid: new RegExp(`^(${unitCommands.join('|')})$`) }),
  },
  { allOrNothing: true },
)

export type Unit = ReaderType<typeof unitReader>

const isNetwork = (name: string): boolean => /\.(network|netdev|link)$/.test(name)

/** Files of all units first, one reload, then the commands in the order of the list. A unit without a name is skipped. */
export function unitSteps(units: readonly Unit[]): readonly Step[] {
  const named = units.filter((unit): unit is Named => unit.name !== undefined && unit.name !== '')
  const networks = named.some(({ name }) => isNetwork(name)) ? [{ kind: 'restart-networkd' } as const] : []
  return [...named.flatMap(fileSteps), { kind: 'daemon-reload' }, ...networks, ...named.flatMap(commandSteps)]
}

type Named = Unit & { readonly name: string }

function fileSteps({ name, content, drop_ins: dropIns = [], runtime, mask, enable }: Named): readonly Step[] {
  const isRuntime = runtime === true
  const path = `${isRuntime ? '/run' : '/etc'}/systemd/${isNetwork(name) ? 'network' : 'system'}/${name}`
  const steps: Step[] = []
  if (isText(content)) steps.push({ kind: 'write-file', path, content, mode: 0o644 })
  for (const dropIn of dropIns) {
    if (!isText(dropIn.name) || !isText(dropIn.content)) continue
    steps.push({ kind: 'write-file', path: `${path}.d/${dropIn.name}`, content: dropIn.content, mode: 0o644 })
  }
  if (mask === true) steps.push({ kind: 'mask', path })
  else if (isRuntime) steps.push({ kind: 'unmask', path })
  if (enable === true && !isNetwork(name)) steps.push({ kind: 'enable', unit: name, isRuntime })
  return steps
}

function commandSteps({ name, command }: Named): readonly Step[] {
  const known = unitCommands.find((other) => other === command)
  return known === undefined || isNetwork(name) ? [] : [{ kind: 'command', unit: name, command: known }]
}

const isText = (text: string | undefined): text is string => text !== undefined && text !== ''

import { flotaOk } from './flota.ts'

export interface UnitRow {
  readonly unit: string
  readonly machine: string
  readonly active: string
  readonly sub: string
}

export interface MachineRow {
  readonly machine: string
  readonly ip: string
}

const table = async (args: readonly string[]) =>
  (await flotaOk([...args, '--no-legend', '--full']))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/))

/** `flota list-units`, as a script reads it; the machine is its full id. */
export async function unitsOf(): Promise<readonly UnitRow[]> {
  const rows = await table(['list-units', '--fields', 'unit,machine,active,sub'])
  return rows.map(([unit = '', machine = '', active = '', sub = '']) => {
    return { unit, machine: machine.split('/')[0] ?? '', active, sub }
  })
}

export async function machinesOf(): Promise<readonly MachineRow[]> {
  const rows = await table(['list-machines', '--fields', 'machine,ip'])
  return rows.map(([machine = '', ip = '']) => ({ machine, ip }))
}

/** What a command prints on a machine, run by `flota ssh`. */
export const onMachine = (machine: string, command: readonly string[]): Promise<string> =>
  flotaOk(['ssh', machine, ...command])

export async function addressOf(unit: string): Promise<string> {
  const home = (await unitsOf()).find((row) => row.unit === unit && row.active === 'active')
  const machine = (await machinesOf()).find((row) => row.machine === home?.machine)
  if (machine === undefined) throw new Error(`${unit} is active nowhere`)
  return machine.ip
}

export const balancerAddress = (): Promise<string> => addressOf('balancer.service')

/** Which run of each unit is on: main PID and invocation id by machine and unit. */
export async function runs(): Promise<Readonly<Record<string, string>>> {
  const units = await unitsOf()
  const found = await Promise.all(
    units.map(async ({ unit, machine }) => {
      const run = await onMachine(machine, ['systemctl', 'show', '-p', 'MainPID', '-p', 'InvocationID', unit])
      return [`${machine} ${unit}`, run] as const
    }),
  )
  return Object.fromEntries(found)
}

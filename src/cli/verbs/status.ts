import type { Command } from 'commander'
import type { WireMachine, WireUnit } from '../../client/calls.ts'
import { listMachines, listStates } from '../../client/calls.ts'
import { FlotaError } from '../../lib/errors.ts'
import type { CliDeps } from '../deps.ts'
import { findUnits } from '../find-units.ts'
import { runForUnit } from '../run-on-machine.ts'
import { toPort } from '../ssh-port.ts'
import { isGlobalUnit } from '../unit-options.ts'

interface StatusFlags {
  readonly sshPort?: number
}

export function registerStatus(program: Command, deps: CliDeps): void {
  program
    .command('status')
    .description("print systemd's status of units, from their machines")
    .argument('[unit...]', 'names of units, or globs')
    .option('--ssh-port <port>', 'port of SSH on the machines', toPort)
    .option('--no-block', 'ignored, as nothing is waited for')
    .action(async (args: readonly string[], { sshPort }: StatusFlags) => {
      if (args.length === 0) return
      const { client } = await deps.connect()
      const { units, missing } = await findUnits(client, args, { isForTemplates: false })
      if (missing[0] !== undefined) throw new FlotaError('not_found', `Unit ${missing[0]} does not exist.`)
      const machines = await listMachines(client)
      let isFirst = true
      for (const unit of units) {
        for (const machine of await machinesOf(unit, machines, deps)) {
          if (!isFirst) deps.stdout.write('\n')
          isFirst = false
          const command = ['systemctl', 'status', '-l', unit.name ?? '']
          const code = await runForUnit(deps, { machine, command, ...(sshPort === undefined ? {} : { sshPort }) })
          if (code !== 0) deps.setExitCode(code)
        }
      }
    })
}

/** One machine, or for a global unit every one that reports it. */
async function machinesOf(
  unit: WireUnit,
  machines: readonly WireMachine[],
  deps: CliDeps,
): Promise<readonly WireMachine[]> {
  const { client } = await deps.connect()
  const ids = isGlobalUnit(unit)
    ? (await listStates(client, unit.name)).map(({ machineID }) => machineID)
    : [unit.currentState === 'inactive' ? undefined : unit.machineID]
  const found = machines.filter(({ id }) => ids.includes(id))
  if (found.length > 0) return found
  throw new FlotaError('failed_precondition', `Unit ${unit.name ?? ''} does not appear to be loaded.`, {
    hint: `'${deps.programName} why ${unit.name ?? ''}' tells where it is`,
  })
}

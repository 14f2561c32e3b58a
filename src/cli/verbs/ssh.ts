import type { Command } from 'commander'
import type { WireMachine } from '../../client/calls.ts'
import { getUnit, listMachines } from '../../client/calls.ts'
import { FlotaError } from '../../lib/errors.ts'
import { mangleUnitName } from '../../unit/unit-name.ts'
import type { CliDeps } from '../deps.ts'
import { runOnMachine } from '../run-on-machine.ts'
import { toPort } from '../ssh-port.ts'

interface SshFlags {
  readonly machine?: string
  readonly unit?: string
  readonly forwardAgent?: boolean
  readonly sshPort?: number
}

export function registerSsh(program: Command, deps: CliDeps): void {
  program
    .command('ssh')
    .description('open a shell or run a command on a machine, or on the machine of a unit')
    .usage('[flags] {MACHINE|UNIT} [COMMAND...]')
    .argument('[machine-or-unit]', "a machine's id or its beginning, or a unit")
    .option('--machine <id>', 'the machine, by its id or its beginning')
    .option('--unit <name>', 'the machine of this unit')
    .option('-A, --forward-agent', 'forward the SSH agent')
    .option('--ssh-port <port>', 'port of SSH on the machine', toPort)
    .action(async (target: string | undefined, flags: SshFlags) => {
      const machine = await findTarget(target, flags, deps)
      const code = await runOnMachine(deps, {
        machine,
        command: deps.remoteCommand(),
        isForwardingAgent: flags.forwardAgent === true,
        ...(flags.sshPort === undefined ? {} : { sshPort: flags.sshPort }),
      })
      deps.setExitCode(code)
    })
}

async function findTarget(
  target: string | undefined,
  { machine, unit }: SshFlags,
  deps: CliDeps,
): Promise<WireMachine> {
  if (machine !== undefined && unit !== undefined) {
    throw new FlotaError('invalid_argument', 'Both machine and unit flags provided, please specify only one')
  }
  if (machine === undefined && unit === undefined && target === undefined) {
    throw new FlotaError('invalid_argument', 'Unable to proceed: one machine or unit must be provided')
  }
  const { client } = await deps.connect()
  const machines = await listMachines(client)
  const byId = unit === undefined ? machines.filter(({ id = '' }) => id.startsWith(machine ?? target ?? '')) : []
  const byUnit = machine === undefined ? await machineOfUnit(unit ?? target ?? '', machines, deps) : undefined
  const found = [...byId, ...(byUnit === undefined ? [] : [byUnit])]
  const [only] = found
  if (only === undefined) throw noTarget(unit !== undefined)
  if (found.length > 1) {
    throw new FlotaError('invalid_argument', `Unable to proceed: '${target ?? machine ?? ''}' is ambiguous`, {
      hint: `It may mean ${found.map(({ id = '' }) => id).join(' or ')}; --machine or --unit says which`,
    })
  }
  return only
}

function noTarget(isUnit: boolean): FlotaError {
  const why = isUnit ? 'unit does not exist' : 'could not find matching unit or machine'
  return new FlotaError('not_found', `Unable to proceed: ${why}`, {
    hint: "'list-machines' lists the machines, 'list-unit-files' the units and where they are",
  })
}

async function machineOfUnit(
  text: string,
  machines: readonly WireMachine[],
  deps: CliDeps,
): Promise<WireMachine | undefined> {
  const { client } = await deps.connect()
  const name = toNameOrNothing(text)
  const unit = name === undefined ? undefined : await getUnit(client, name)
  return unit?.machineID === undefined ? undefined : machines.find(({ id }) => id === unit.machineID)
}

/** What is no unit name may still be a machine's id. */
function toNameOrNothing(text: string): string | undefined {
  try {
    return mangleUnitName(text)
  } catch {
    return undefined
  }
}

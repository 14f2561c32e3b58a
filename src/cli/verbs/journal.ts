import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { getUnit, listMachines } from '../../client/calls.ts'
import { FlotaError } from '../../lib/errors.ts'
import { mangleUnitName } from '../../unit/unit-name.ts'
import type { CliDeps } from '../deps.ts'
import { runForUnit } from '../run-on-machine.ts'
import { toPort } from '../ssh-port.ts'
import { isGlobalUnit } from '../unit-options.ts'

interface JournalFlags {
  readonly lines: number
  readonly follow?: boolean
  readonly output: string
  readonly sudo?: boolean
  readonly sshPort?: number
}

export function registerJournal(program: Command, deps: CliDeps): void {
  program
    .command('journal')
    .description("print a unit's journal, from its machine")
    .argument('[unit...]')
    .option('-n, --lines <n>', 'how many of the last lines', toLines, 10)
    .option('-f, --follow', 'go on with what comes')
    .option('-o, --output <format>', "journalctl's output format", 'short')
    .option('--sudo', 'run journalctl as root')
    .option('--ssh-port <port>', 'port of SSH on the machine', toPort)
    .action(async (args: readonly string[], flags: JournalFlags) => {
      const [arg] = args
      if (arg === undefined || args.length > 1) {
        throw new FlotaError('invalid_argument', 'One unit file must be provided.')
      }
      const name = mangleUnitName(arg)
      const machine = await machineOf(name, deps)
      const command = [...(flags.sudo === true ? ['sudo'] : []), ...journalctl(name, flags)]
      const port = flags.sshPort === undefined ? {} : { sshPort: flags.sshPort }
      deps.setExitCode(await runForUnit(deps, { machine, command, ...port }))
    })
}

function journalctl(name: string, { lines, output, follow }: JournalFlags): readonly string[] {
  const tail = follow === true ? ['-f'] : []
  return ['journalctl', '--unit', name, '--no-pager', '-n', String(lines), '--output', output, ...tail]
}

async function machineOf(name: string, deps: CliDeps) {
  const { client } = await deps.connect()
  const unit = await getUnit(client, name)
  if (unit === undefined) throw new FlotaError('not_found', `Unit ${name} does not exist.`)
  if (isGlobalUnit(unit)) {
    throw new FlotaError('failed_precondition', `Unable to retrieve journal of global unit ${name}.`, {
      hint: `It runs on many machines: '${deps.programName} ssh MACHINE journalctl --unit ${name}' prints one`,
    })
  }
  const machine = (await listMachines(client)).find(({ id }) => id === unit.machineID)
  if (machine === undefined || unit.currentState === 'inactive') {
    throw new FlotaError('failed_precondition', `Unit ${name} does not appear to be running.`, {
      hint: `'${deps.programName} why ${name}' tells where it is`,
    })
  }
  return machine
}

function toLines(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}

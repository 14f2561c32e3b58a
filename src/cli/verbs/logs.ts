import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { getWhy } from '../../client/calls.ts'
import { machineClient } from '../../client/machine-client.ts'
import { FlotaError } from '../../lib/errors.ts'
import { requireUnits } from '../bring-units.ts'
import type { CliDeps } from '../deps.ts'
import { findUnits } from '../find-units.ts'
import type { LogFlags } from '../follow-logs.ts'
import { followLogs } from '../follow-logs.ts'
import type { LogPlace } from '../log-lines.ts'
import { LogReader } from '../log-reader.ts'

const most = 10_000

export function registerLogs(program: Command, deps: CliDeps): void {
  program
    .command('logs')
    .description('print the logs of units, merged over instances and machines in the order of time')
    .argument('[unit...]', 'names of units, or globs')
    .option('-n, --lines <n>', 'how many of the last lines, of all together', toLines, 10)
    .option('-f, --follow', 'go on with what comes')
    .action(async (args: readonly string[], flags: LogFlags) => {
      const places = await placesOf(args, deps)
      const connection = await deps.connect()
      const options = { clock: deps.clock, timeoutMs: deps.globals().requestTimeout * 1_000 }
      const reader = new LogReader(connection.client, (place) => machineClient(connection, addressOf(place), options))
      try {
        await followLogs(deps, reader, { places, flags })
      } finally {
        reader.close()
      }
    })
}

async function placesOf(args: readonly string[], deps: CliDeps): Promise<readonly LogPlace[]> {
  requireUnits(args, deps)
  const { client } = await deps.connect()
  const { units, missing } = await findUnits(client, args, { isForTemplates: false })
  if (missing[0] !== undefined) throw new FlotaError('not_found', `Unit ${missing[0]} does not exist.`)
  const whys = await Promise.all(units.map(({ name = '' }) => getWhy(client, name)))
  const places = whys.flatMap((why) =>
    (why?.places ?? []).map(({ machineID, primaryIP }) => ({ unit: why?.name ?? '', machineID, primaryIP })),
  )
  if (places.length > 0) return places
  const names = units.map(({ name = '' }) => name).join(' ')
  throw new FlotaError('failed_precondition', `Cannot read logs of '${names}': on no machine now`, {
    hint: `'${deps.programName} why' tells why; the journals of the machines it was on keep what it wrote`,
  })
}

function addressOf({ unit, machineID, primaryIP }: LogPlace): string {
  if (primaryIP !== '') return primaryIP
  throw new FlotaError(
    'failed_precondition',
    `Cannot read logs of unit '${unit}': the address of machine '${machineID}' is not known`,
    { hint: 'Set public_ip in /etc/fleet/fleet.conf there' },
  )
}

function toLines(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > most) {
    throw new InvalidArgumentError(`It is not a whole number up to ${most}.`)
  }
  return Number(text)
}

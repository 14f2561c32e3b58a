import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { listMachines, listUnits } from '../../client/calls.ts'
import type { ApiClient } from '../../client/api-client.ts'
import { FlotaError } from '../../lib/errors.ts'
import type { ClusterNow } from '../../import/cluster-now.ts'
import type { FleetKeyspace } from '../../import/fleet-keyspace.ts'
import { countWrites, planImport } from '../../import/plan.ts'
import { hashUnitText } from '../../unit/hash.ts'
import { serialiseUnitFile } from '../../unit/unit-file.ts'
import { applyImport } from '../apply-import.ts'
import type { CliDeps } from '../deps.ts'
import { describeImportPlan, toImportPlanJson } from '../import-plan-text.ts'
import { optionsOf } from '../unit-options.ts'

interface ImportFlags {
  readonly fromEtcd2?: string
  readonly fromDump?: string
  readonly keyPrefix: string
  readonly inactive?: boolean
  readonly yes?: boolean
  readonly output?: string
}

/** `flota import`: takes over what fleet kept in etcd. Without --yes it only says what it would do. */
export function registerImport(program: Command, deps: CliDeps): void {
  program
    .command('import')
    .description('take over the units of a fleet cluster; shows a plan, and writes with --yes')
    .option('--from-etcd2 <urls>', "fleet's etcd, such as http://10.0.0.1:2379; several with commas")
    .option('--from-dump <file>', "what that etcd's /v2/keys/_coreos.com/fleet/?recursive=true printed; - is stdin")
    .option('--key-prefix <prefix>', 'etcd_key_prefix of fleet.conf', '/_coreos.com/fleet/')
    .option('--inactive', 'make every unit known and start none; a later import without it sets their states')
    .option('--yes', 'write what the plan says')
    .option('--dry-run', 'only show the plan, as without --yes')
    .option('-o, --output <format>', 'json: the plan, for programs')
    .action((flags: ImportFlags & { readonly dryRun?: boolean }) => runImport(flags, deps))
}

async function runImport(flags: ImportFlags & { readonly dryRun?: boolean }, deps: CliDeps): Promise<void> {
  checkFlags(flags)
  const fleet = await readFleet(flags, deps)
  const { client } = await deps.connect()
  const plan = planImport(fleet, await readCluster(client), { isInactive: flags.inactive === true })
  const isJson = flags.output === 'json'
  deps.stdout.write(isJson ? `${JSON.stringify(toImportPlanJson(plan), undefined, 2)}\n` : describeImportPlan(plan))
  const say = (line: string) => {
    if (!isJson) deps.stdout.write(`${line}\n`)
  }
  const count = countWrites(plan)
  if (count === 0) say('Nothing to do')
  else if (flags.yes !== true) say(`Nothing was written. With --yes: ${count} writes`)
  else await write({ client, say, deps }, plan)
}

interface Writing {
  readonly client: ApiClient
  readonly say: (line: string) => void
  readonly deps: CliDeps
}

async function write({ client, say, deps }: Writing, plan: ReturnType<typeof planImport>): Promise<void> {
  const onFailed = (line: string) => {
    deps.stderr.write(`${line}\n`)
    deps.setExitCode(1)
  }
  try {
    await applyImport(plan, { client, signal: deps.interrupted(), onDone: say, onFailed })
  } catch (cause) {
    throw new FlotaError('unavailable', 'Cannot finish the import', {
      cause,
      hint: 'What was written stays; the same command does the rest',
    })
  }
}

function checkFlags({ fromEtcd2, fromDump, yes, dryRun, output }: ImportFlags & { readonly dryRun?: boolean }): void {
  const refuse = (why: string) => {
    throw new FlotaError('invalid_argument', `Cannot import: ${why}`, {
      hint: "For example 'flota import --from-etcd2 http://10.0.0.1:2379'",
    })
  }
  if ((fromEtcd2 === undefined) === (fromDump === undefined)) refuse('give one of --from-etcd2 and --from-dump')
  if (yes === true && dryRun === true) refuse('--yes and --dry-run exclude each other')
  if (output !== undefined && output !== 'json') refuse(`'${output}' is no format; json is the only other one`)
}

async function readFleet({ fromEtcd2, fromDump = '', keyPrefix }: ImportFlags, deps: CliDeps): Promise<FleetKeyspace> {
  const { flattenEtcd2 } = await import('../../import/etcd2-tree.ts')
  const { readFleetKeyspace } = await import('../../import/fleet-keyspace.ts')
  const prefix = `/${keyPrefix.replaceAll(/^\/+|\/+$/g, '')}/`.replace('//', '/')
  if (fromEtcd2 === undefined) {
    return readFleetKeyspace(flattenEtcd2(await readDump(fromDump, deps), fromDump), prefix)
  }
  const { readEtcd2 } = await import('../../import/read-etcd2.ts')
  const timeoutMs = deps.globals().requestTimeout * 1_000
  const text = await readEtcd2(fromEtcd2, { prefix, timeoutMs, signal: deps.interrupted() })
  return readFleetKeyspace(flattenEtcd2(text, fromEtcd2), prefix)
}

async function readDump(path: string, { cwd, stdin }: CliDeps): Promise<string> {
  if (path === '-') {
    const chunks: Buffer[] = []
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks).toString('utf8')
  }
  return readFile(resolve(cwd, path), 'utf8').catch((cause: unknown) => {
    throw new FlotaError('not_found', `Cannot read dump '${path}'`, { cause })
  })
}

async function readCluster(client: ApiClient): Promise<ClusterNow> {
  const [units, machines] = [await listUnits(client), await listMachines(client)]
  return {
    units: new Map(
      units.map((unit) => [
        unit.name ?? '',
        { hash: hashUnitText(serialiseUnitFile(optionsOf(unit))), desired: unit.desiredState ?? 'inactive' },
      ]),
    ),
    machines: new Map(machines.map(({ id = '', metadata = {} }) => [id, metadata])),
  }
}

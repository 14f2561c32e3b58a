import type { Command } from 'commander'
import { FlotaError } from '../../lib/errors.ts'
import type { CliDeps } from '../deps.ts'

/** `flota up`: makes a cluster of local machines, or what is missing of it. */
export function registerUp(program: Command, deps: CliDeps): void {
  program
    .command('up')
    .description('make a cluster of machines on this host, or add what is missing of it')
    .option('--name <cluster>', 'name of the cluster', 'flota')
    .option('--machines <number>', 'how many machines (4 for a new cluster)')
    .option('--user-data <file>', "cloud-config for all machines (the sample's)")
    .option('--range <cidr>', "the machines' addresses (10.77.0.0/24 for a new cluster)")
    .option('--mirror <url>', "Debian archive for the machines' root (the one this host uses)")
    .action((options: UpFlags) => runUp(deps, options))
}

interface UpFlags {
  readonly name: string
  readonly machines?: string
  readonly userData?: string
  readonly range?: string
  readonly mirror?: string
}

async function runUp(deps: CliDeps, { machines, ...flags }: UpFlags): Promise<void> {
  const { up } = await import('../../platform/up.ts')
  const { createProgress } = await import('../../platform/progress.ts')
  const { clock, env, stdout, stderr } = deps
  const startedMs = clock.nowMs()
  const progress = createProgress((text) => stderr.write(text), clock)
  const options = machines === undefined ? flags : { ...flags, machines: parseMachines(machines) }
  const result = await up(options, { clock, env, progress, signal: deps.interrupted() })
  const seconds = ((clock.nowMs() - startedMs) / 1000).toFixed(1)
  stdout.write(`Cluster '${result.cluster}' is up: ${result.machines.length} machines (${seconds} s)\n`)
  for (const { name, publicIp } of result.machines) stdout.write(`  ${name}  ${publicIp}\n`)
}

function parseMachines(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new FlotaError('invalid_argument', `Cannot make '${text}' machines: it is no number`, {
    hint: 'Give a number, for example --machines 4',
  })
}

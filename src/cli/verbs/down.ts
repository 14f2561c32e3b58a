import type { Command } from 'commander'
import type { CliDeps } from '../deps.ts'

/** `flota down`: removes a cluster that `flota up` made, or what there is of it. */
export function registerDown(program: Command, deps: CliDeps): void {
  program
    .command('down')
    .description('remove a cluster of machines on this host, with everything in it')
    .option('--name <cluster>', 'name of the cluster', 'flota')
    .action((options: DownFlags) => runDown(deps, options))
}

interface DownFlags {
  readonly name: string
}

async function runDown({ clock, env, stdout, stderr }: CliDeps, { name }: DownFlags): Promise<void> {
  const { down } = await import('../../platform/down.ts')
  const { createProgress } = await import('../../platform/progress.ts')
  const progress = createProgress((text) => stderr.write(text), clock)
  const isRemoved = await down(name, { clock, env, progress })
  stdout.write(isRemoved ? `Cluster '${name}' is gone\n` : `There is no cluster '${name}' on this host\n`)
}

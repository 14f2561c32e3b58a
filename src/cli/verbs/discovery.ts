import type { Command } from 'commander'
import { createLog } from '../../lib/log.ts'
import type { CliDeps } from '../deps.ts'

/** `flota discovery`: the service through which the members of a new etcd cluster find each other. */
export function registerDiscovery(program: Command, deps: CliDeps): void {
  const discovery = program.command('discovery').description('serve and use etcd discovery URLs')
  discovery
    .command('serve')
    .description('serve the etcd discovery protocol until stopped')
    .requiredOption('--listen <address>', 'address and port, for example 127.0.0.1:8087')
    .requiredOption('--data-dir <dir>', 'where tokens and their members are kept')
    .action((options: ServeOptions) => serve(deps, options))
  discovery
    .command('new')
    .description('make a discovery URL for a new cluster')
    .option('--size <members>', 'number of etcd members; machines beyond it are clients', '3')
    .requiredOption('--url <url>', 'of the discovery service')
    .action((options: NewOptions) => makeNew(deps, options))
  discovery
    .command('show')
    .description('show who has registered under a discovery URL')
    .argument('<url>')
    .option('-o, --output <format>', 'json: for programs')
    .action((url: string, options: ShowOptions) => show(deps, url, options))
  discovery
    .command('should-join')
    .description(
      'exit 0 when this machine has a place in its etcd cluster, 1 when the cluster is full (for ExecCondition=)',
    )
    .action(() => answerShouldJoin(deps))
}

interface ServeOptions {
  readonly listen: string
  readonly dataDir: string
}

async function serve(deps: CliDeps, { listen, dataDir }: ServeOptions): Promise<void> {
  const { serveDiscovery } = await import('../../discovery/server.ts')
  const stop = deps.interrupted()
  const server = await serveDiscovery({
    listen,
    dataDir,
    clock: deps.clock,
    log: createLog({ level: 'info', format: 'text' }),
  })
  deps.stdout.write(`Discovery service at ${server.url}\n`)
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.close()
}

interface NewOptions {
  readonly size: string
  readonly url: string
}

async function makeNew(deps: CliDeps, { size, url }: NewOptions): Promise<void> {
  const { createDiscovery } = await import('../../discovery/client.ts')
  const { parseSize } = await import('../../discovery/size.ts')
  deps.stdout.write(`${await createDiscovery(url, parseSize(size), { fetch, signal: deps.interrupted() })}\n`)
}

interface ShowOptions {
  readonly output?: string
}

async function show(deps: CliDeps, url: string, { output }: ShowOptions): Promise<void> {
  const { readDiscovery } = await import('../../discovery/client.ts')
  const { describeDiscovery, parseFormat } = await import('../../discovery/describe.ts')
  const format = parseFormat(output)
  const state = await readDiscovery(url, { fetch, signal: deps.interrupted() })
  deps.stdout.write(describeDiscovery(url, state, format))
}

/** Longer than a discovery service takes to come up, shorter than a person takes to wonder. */
const joinWithinMs = 120_000

/** systemd takes 1 to 254 as "skip the unit, all is well" (systemd.service(5), ExecCondition=): a failure must be 255. */
const failedExitCode = 255

async function answerShouldJoin(deps: CliDeps): Promise<void> {
  const { readEtcdSettings, shouldJoin } = await import('../../discovery/should-join.ts')
  const { stdout, env, clock } = deps
  const options = { fetch, clock, random: Math.random, withinMs: joinWithinMs, signal: deps.interrupted() }
  try {
    const { join, reason } = await shouldJoin(readEtcdSettings(env), options)
    stdout.write(`${join ? 'This machine runs etcd' : 'This machine runs no etcd'}: ${reason}\n`)
    deps.setExitCode(join ? 0 : 1)
  } catch (error) {
    const { printError } = await import('../print-error.ts')
    await printError(deps, error)
    deps.setExitCode(failedExitCode)
  }
}

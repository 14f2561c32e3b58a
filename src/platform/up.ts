import { useContext, writeContext } from '../client/context.ts'
import type { Context, ContextEnv } from '../client/context.ts'
import type { Clock } from '../lib/clock.ts'
import { ensureKey, writeAccess } from './access.ts'
import { planCluster } from './cluster-plan.ts'
import type { ClusterPlan, UpOptions } from './cluster-plan.ts'
import { buildImage, hasImage, keepImage } from './image.ts'
import { packageFolder } from './local/artefact.ts'
import { openFirewall } from './local/firewall.ts'
import { machineFolders } from './local/folders.ts'
import { checkHost, hostCanRaiseLimits, hostLauncher } from './local/host.ts'
import { LocalPlatform } from './local/local.ts'
import { lockCluster } from './local/lock.ts'
import { bridgeName, machineName, parseClusterName } from './local/names.ts'
import { checkNetworkIsFree, ensureBridge } from './local/network.ts'
import { registryStorage } from './local/registry.ts'
import { buildRoot } from './local/root.ts'
import type { PlatformMachine } from './platform.ts'
import type { Progress } from './progress.ts'
import { waitForMachines, waitForSsh } from './ready.ts'
import { writeRecord } from './record.ts'
import type { ClusterRecord } from './record.ts'
import { ensureDiscovery, ensureRegistry, newDiscoveryUrl, stopDiscovery } from './services.ts'
import type { ServicesOptions } from './services.ts'
import { memberCount, withDiscovery } from './user-data.ts'

export interface UpDeps {
  readonly clock: Clock
  readonly env: ContextEnv
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface UpResult {
  readonly cluster: string
  readonly machines: readonly PlatformMachine[]
}

/**
 * Makes the cluster, or what is missing of it. Every step looks first and does only what is not done, so a run that was ended at any
 * point is finished by the next one.
 */
export async function up(options: UpOptions, deps: UpDeps): Promise<UpResult> {
  const name = parseClusterName(options.name)
  await checkHost('up')
  const lock = await lockCluster(bridgeName(name))
  try {
    const artefact = await packageFolder()
    const plan = await planCluster(options, { env: deps.env, artefact })
    return await build(plan, { ...deps, artefact })
  } finally {
    lock.release()
  }
}

type BuildDeps = UpDeps & { readonly artefact: string }

async function build(plan: ClusterPlan, deps: BuildDeps): Promise<UpResult> {
  const { clock, progress, signal } = deps
  const { folder, root } = plan
  if (!root.isBuilt)
    await progress.step('Building the root of the machines (Debian 13)', () => buildRoot(root, { clock, signal }))
  await ensureNetwork(plan)
  const services = servicesOptions(plan, deps)
  await progress.step('Starting registry and discovery', () =>
    Promise.all([ensureRegistry(services), ensureDiscovery(services)]),
  )
  const record = await withToken(plan, signal)
  const context = await progress.step(`Starting ${record.machines} machines`, () => startMachines(plan, record, deps))
  const ready = { context, clock, signal }
  await Promise.all([
    provideImage(plan, context, deps),
    progress.step('Waiting for the machines to find each other', () =>
      Promise.all(context.addresses.map((address) => waitForMachines(address, record.machines, ready))),
    ),
  ])
  await stopDiscovery(folder, clock)
  return { cluster: record.name, machines: await (await platformOf(plan, record, deps)).list() }
}

async function ensureNetwork({ folder, record, plan }: ClusterPlan): Promise<void> {
  const bridge = { bridge: bridgeName(record.name), plan, owner: folder }
  await checkNetworkIsFree(bridge)
  await writeRecord(folder, record)
  await ensureBridge(bridge)
  await openFirewall(bridge.bridge)
}

function servicesOptions(plan: ClusterPlan, { artefact, clock, signal }: BuildDeps): ServicesOptions {
  const { folder, record, imageCache } = plan
  return { folder, record, address: plan.plan.host, artefact, imageCache, clock, signal }
}

/** The record with the cluster's discovery URL; asked for once in the cluster's life. */
async function withToken({ folder, record, plan }: ClusterPlan, signal: AbortSignal): Promise<ClusterRecord> {
  if (record.discoveryUrl !== undefined) return record
  const service = `http://${plan.host}:${record.discoveryPort}`
  const discoveryUrl = await newDiscoveryUrl(service, { size: memberCount(record.machines), signal })
  const complete = { ...record, discoveryUrl }
  await writeRecord(folder, complete)
  return complete
}

async function platformOf(
  plan: ClusterPlan,
  record: ClusterRecord,
  { artefact, clock }: BuildDeps,
): Promise<LocalPlatform> {
  return new LocalPlatform({
    cluster: record.name,
    folder: plan.folder,
    plan: plan.plan,
    root: record.root,
    registry: registryAddress(plan),
    artefact,
    canRaiseLimits: await hostCanRaiseLimits(),
    launcher: await hostLauncher(clock),
    clock,
  })
}

const registryAddress = ({ plan, record }: ClusterPlan): string => `${plan.host}:${record.registryPort}`

/** All machines at once; resolves when each answers on SSH and the CLI's context is in place. */
async function startMachines(plan: ClusterPlan, record: ClusterRecord, deps: BuildDeps): Promise<Context> {
  const { clock, env, signal } = deps
  const platform = await platformOf(plan, record, deps)
  const sshKey = await ensureKey(plan.folder, record.name)
  const userData = withDiscovery(plan.userData, record.discoveryUrl ?? '')
  const names = Array.from({ length: record.machines }, (_, index) => machineName(record.name, index + 1))
  const machines = await settleAll(names.map((name) => platform.ensure({ name, userData, sshKey }, signal)))
  const context = await writeAccess(plan.folder, record.name, machines)
  await writeContext(context, env)
  await useContext(record.name, env)
  await settleAll(
    machines.map(({ name, publicIp }) =>
      waitForSsh(publicIp, { context, clock, signal, console: machineFolders(plan.folder, name).console }),
    ),
  )
  return context
}

/** Waits for all before it fails with the first failure, so that no machine is still being made when the caller gives up. */
async function settleAll<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

async function provideImage(plan: ClusterPlan, context: Context, { progress, signal }: BuildDeps): Promise<void> {
  const registry = registryAddress(plan)
  const address = context.addresses[0]
  if (address === undefined || (await hasImage(registry, signal))) return
  await progress.step('Building the sample image', async () => {
    await buildImage({ context, address, registry, signal })
    await keepImage(registryStorage(plan.folder), plan.imageCache)
  })
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContextEnv } from '../client/context.ts'
import { FlotaError } from '../lib/errors.ts'
import { imageCacheFolder } from './image.ts'
import { parseAddressPlan } from './local/address-plan.ts'
import type { AddressPlan } from './local/address-plan.ts'
import { exists } from './local/files.ts'
import { clusterFolder, hostFolders } from './local/folders.ts'
import { freePort } from './local/host-service.ts'
import { maxMachines } from './local/names.ts'
import { locateRoot } from './local/root.ts'
import type { RootPlace } from './local/root.ts'
import { readRecord } from './record.ts'
import type { ClusterRecord } from './record.ts'

export interface UpOptions {
  readonly name: string
  /** Absent = as many as the cluster has, four for a new one. */
  readonly machines?: number
  /** Path of the user-data file; absent = the sample's. */
  readonly userData?: string
  /** Absent = the cluster's own, 10.77.0.0/24 for a new one. */
  readonly range?: string
  /** Debian archive for the machines' root; absent = the host's own. */
  readonly mirror?: string
}

/** All that is decided before anything is changed. */
export interface ClusterPlan {
  readonly folder: string
  readonly record: ClusterRecord
  readonly plan: AddressPlan
  readonly root: RootPlace
  readonly userData: string
  readonly imageCache: string
}

const defaults = { machines: 4, range: '10.77.0.0/24', registryPort: 5000, discoveryPort: 8087 }
const sampleUserData = 'examples/nano-container/cloud-config'

export interface PlanDeps {
  readonly env: ContextEnv
  readonly artefact: string
}

export async function planCluster(options: UpOptions, { env, artefact }: PlanDeps): Promise<ClusterPlan> {
  const folders = hostFolders(env)
  const folder = clusterFolder(folders, options.name)
  const old = await readRecord(folder)
  const plan = parseAddressPlan(rangeOf(options, old))
  const machines = machinesOf(options, old)
  plan.machine(machines)
  const root = await rootOf(old, { cache: folders.cache, mirror: options.mirror })
  const record = {
    version: 1 as const,
    name: options.name,
    range: plan.range,
    machines,
    root: root.folder,
    registryPort: old?.registryPort ?? (await freePort('0.0.0.0', defaults.registryPort)),
    discoveryPort: old?.discoveryPort ?? (await freePort('0.0.0.0', defaults.discoveryPort)),
    ...(old?.discoveryUrl === undefined ? {} : { discoveryUrl: old.discoveryUrl }),
  }
  return {
    folder,
    record,
    plan,
    root,
    userData: await readUserData(options.userData ?? join(artefact, sampleUserData)),
    imageCache: await imageCacheFolder(folders.cache, artefact, root.folder),
  }
}

function rangeOf({ range, name }: UpOptions, old: ClusterRecord | undefined): string {
  const wanted = range === undefined ? undefined : parseAddressPlan(range).range
  if (old === undefined) return wanted ?? defaults.range
  if (wanted === undefined || wanted === old.range) return old.range
  throw new FlotaError(
    'failed_precondition',
    `Cannot move the cluster '${name}' to the range '${wanted}': it lives in ${old.range}`,
    {
      hint: `Remove it first (flota down --name ${name}), or name another cluster`,
    },
  )
}

function machinesOf({ machines, name }: UpOptions, old: ClusterRecord | undefined): number {
  const wanted = machines ?? old?.machines ?? defaults.machines
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > maxMachines) {
    throw new FlotaError(
      'invalid_argument',
      `Cannot make ${wanted} machines: a cluster has between 1 and ${maxMachines}`,
    )
  }
  if (old !== undefined && wanted < old.machines) {
    throw new FlotaError(
      'failed_precondition',
      `Cannot shrink the cluster '${name}' to ${wanted} machines: it has ${old.machines}`,
      {
        hint: `Remove it and make it anew: flota down --name ${name}`,
      },
    )
  }
  return wanted
}

/** A cluster that exists stays on its root, whatever the recipe says today. */
async function rootOf(
  old: ClusterRecord | undefined,
  options: { cache: string; mirror: string | undefined },
): Promise<RootPlace> {
  const place = await locateRoot(options)
  if (old === undefined || old.root === place.folder) return place
  if (await exists(old.root)) return { ...place, folder: old.root, isBuilt: true }
  throw new FlotaError(
    'failed_precondition',
    `Cannot repair the cluster '${old.name}': the root of its machines, '${old.root}', is gone`,
    {
      hint: `Remove the cluster and make it anew: flota down --name ${old.name}`,
    },
  )
}

async function readUserData(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new FlotaError('invalid_argument', `Cannot read the user-data file '${path}'`, {
      cause,
      hint: 'Give the path of a cloud-config file with --user-data',
    })
  }
}

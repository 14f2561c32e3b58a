import { variableOf } from './addresses.ts'
import type { CloudConfig } from './config.ts'
import { renderEnvironment } from './drop-in.ts'
import { mergeEnvironmentFile } from './environment-file.ts'
import { etcd2Environment } from './keys/etcd2.ts'
import { fleetEnvironment } from './keys/fleet.ts'
import { flannelSteps } from './keys/flannel.ts'
import { hostsSteps } from './keys/hosts.ts'
import { locksmithEnvironment } from './keys/locksmith.ts'
import { oemSteps } from './keys/oem.ts'
import { unitSteps, type Unit } from './keys/units.ts'
import type { Step } from './step.ts'
import { addressNames, type Addresses } from './substitute.ts'

/** What the plan needs to know of the machine. */
export interface MachineFacts {
  readonly addresses: Addresses
  /** The text of /etc/environment. */
  readonly environment: string
  readonly hostname: string
}

/** What to do for this configuration, in the order of coreos-cloudinit: hostname, keys, files, /etc/environment, units. */
export function planCloudConfig(config: CloudConfig, facts: MachineFacts): readonly Step[] {
  const { coreos = {} } = config
  const units = [...(coreos.units ?? []), ...generatedUnits(coreos)]
  return [...machineSteps(config), ...fileSteps(config, facts), ...environmentSteps(config, facts), ...unitSteps(units)]
}

function machineSteps({ hostname = '', ssh_authorized_keys: lines = [] }: CloudConfig): readonly Step[] {
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '')
  const steps: Step[] = []
  if (hostname !== '') steps.push({ kind: 'set-hostname', name: shortHostname(hostname) })
  if (keys.length > 0) steps.push({ kind: 'authorize-keys', user: 'core', keys })
  return steps
}

/** The user's own files first, as coreos-cloudinit had it: where both write one path, the generated file stays. */
function fileSteps(config: CloudConfig, facts: MachineFacts): readonly Step[] {
  const { coreos = {}, write_files: files = [], manage_etc_hosts: manage, hostname = '' } = config
  const name = hostname === '' ? facts.hostname : shortHostname(hostname)
  return [...files, ...oemSteps(coreos.oem), ...hostsSteps(manage, name), ...flannelSteps(coreos.flannel)]
}

/** What the kernel takes: HOST_NAME_MAX of limits.h is 64 with the end. */
const shortHostname = (name: string): string => (name.split('.', 1)[0] ?? '').slice(0, 63)

const environmentPath = '/etc/environment'

/** A file of the user's with this very path is left as the user wrote it. */
function environmentSteps(
  { write_files: files = [] }: CloudConfig,
  { addresses, environment }: MachineFacts,
): readonly Step[] {
  if (files.some(({ path }) => path === environmentPath)) return []
  const known = addressNames.flatMap((name) => {
    const address = addresses[name]
    return address === undefined ? [] : [[variableOf(name), address] as const]
  })
  const content = mergeEnvironmentFile(environment, new Map(known))
  return content === environment ? [] : [{ kind: 'write-file', path: environmentPath, content, mode: 0o644 }]
}

/** Units of CoreOS that the sections configure. Without a section they are still unmasked for this boot. */
function generatedUnits(coreos: NonNullable<CloudConfig['coreos']>): readonly Unit[] {
  const { etcd2, fleet, locksmith } = coreos
  const cloudInit = '20-cloudinit.conf'
  return [
    { name: 'etcd.service', runtime: true },
    {
      name: 'etcd2.service',
      runtime: true,
      drop_ins: dropIn(cloudInit, renderEnvironment(etcd2Environment(etcd2 ?? {}))),
    },
    {
      name: 'fleet.service',
      runtime: true,
      drop_ins: [
        ...dropIn('10-flota.conf', etcd2 === undefined ? undefined : storeEnvironment(etcd2.discovery)),
        ...dropIn(cloudInit, renderEnvironment(fleetEnvironment(fleet ?? {}))),
      ],
    },
    {
      name: 'locksmithd.service',
      runtime: true,
      drop_ins: dropIn(cloudInit, renderEnvironment(locksmithEnvironment(locksmith ?? {}))),
    },
  ]
}

/** Where etcd is configured, flotad keeps its state there. A machine that is no member of it finds the members by the discovery URL. */
const storeEnvironment = (discovery: string | undefined): string | undefined =>
  renderEnvironment([
    ['FLOTA_STORE', 'etcd'],
    ['FLOTA_DISCOVERY', discovery],
  ])

const dropIn = (name: string, content: string | undefined) => (content === undefined ? [] : [{ name, content }])

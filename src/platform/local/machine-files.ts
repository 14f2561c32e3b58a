/** One file of a machine, relative to its root. */
export interface MachineFile {
  readonly path: string
  readonly text: string
  readonly mode?: number
}

export interface MachineFilesOptions {
  readonly name: string
  readonly address: string
  readonly prefixLength: number
  readonly sshKey: string
  readonly userData: string
  /** `ADDRESS:PORT` of the cluster's registry. */
  readonly registry: string
  /** False where the host's root may not raise limits; containers are then run without groups of their own. */
  readonly canRaiseLimits: boolean
}

/** What makes a machine this machine and no other; sorted by path. Written before each of its starts. */
export function machineFiles(options: MachineFilesOptions): readonly MachineFile[] {
  const { name, address, sshKey, userData, canRaiseLimits } = options
  const files: MachineFile[] = [
    { path: 'etc/containers/registries.conf.d/50-flota.conf', text: registriesConf(options.registry) },
    { path: 'etc/environment', text: `COREOS_PUBLIC_IPV4=${address}\nCOREOS_PRIVATE_IPV4=${address}\n` },
    { path: 'etc/hostname', text: `${name}\n` },
    { path: 'etc/hosts', text: `127.0.0.1 localhost\n127.0.1.1 ${name}\n` },
    { path: 'etc/ssh/authorized_keys/core', text: `${sshKey.trim()}\n` },
    { path: 'etc/systemd/network/10-host0.network', text: networkFile(options) },
    { path: 'var/lib/coreos-install/user_data', text: userData, mode: 0o600 },
  ]
  const limits = {
    path: 'etc/containers/containers.conf.d/50-flota.conf',
    text: '[containers]\ncgroups = "disabled"\n',
  }
  return canRaiseLimits ? files : [...files, limits].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Images of docker.io come from the cluster's own registry, so that units naming them work without the internet. */
const registriesConf = (registry: string): string => `unqualified-search-registries = ["docker.io"]
short-name-mode = "permissive"

[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "${registry}"
insecure = true
`

const networkFile = ({ address, prefixLength }: MachineFilesOptions): string => `[Match]
Name=host0

[Network]
Address=${address}/${prefixLength}
LinkLocalAddressing=no
IPv6AcceptRA=no
`

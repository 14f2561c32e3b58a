import { createHash } from 'node:crypto'

/** Release of the machines' Debian, whatever the host runs. */
export const suite = 'trixie'

/** What every machine has. `nodejs` is the one thing Flota itself needs there. */
export const packages: readonly string[] = [
  'aardvark-dns',
  'ca-certificates',
  'crun',
  'curl',
  'dbus',
  'docker-registry',
  'etcd-client',
  'etcd-server',
  'iproute2',
  'iptables',
  'libnginx-mod-http-lua',
  'libnginx-mod-stream',
  'netavark',
  'nftables',
  'nginx',
  'nodejs',
  'openssh-server',
  'openssl',
  'podman',
  'podman-docker',
  'procps',
  'sudo',
  'systemd',
  'systemd-container',
  'systemd-sysv',
]

/** Options for mmdebstrap that make the root smaller and its build faster; nobody reads manuals in a machine. */
export const bootstrapOptions: readonly string[] = [
  '--mode=root',
  '--variant=apt',
  '--format=directory',
  '--dpkgopt=force-unsafe-io',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
]

/** Services of the packages that Flota starts itself or that only make noise in a small machine. */
const maskedUnits: readonly string[] = [
  'apt-daily-upgrade.service',
  'apt-daily-upgrade.timer',
  'apt-daily.service',
  'apt-daily.timer',
  'console-getty.service',
  'docker-registry.service',
  'dpkg-db-backup.timer',
  'etcd.service',
  'fstrim.timer',
  'getty.target',
  'netavark-dhcp-proxy.service',
  'netavark-dhcp-proxy.socket',
  'netavark-firewalld-reload.service',
  'nginx.service',
  'podman-auto-update.timer',
  'sshd-keygen.service',
  'systemd-modules-load.service',
  'systemd-networkd-wait-online.service',
  'systemd-pstore.service',
]

/** Lines of sshd_config(5). Many short sessions at once are normal here: the CLI opens one per command. */
const sshdConfig = [
  'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys/%u',
  'PasswordAuthentication no',
  'PermitRootLogin no',
  'MaxStartups 100',
  'MaxSessions 200',
  'UseDNS no',
]

/**
 * Runs once inside the new root, as root, with no daemon there. Debian's etcd.service claims the name etcd2.service by an alias;
 * host keys, the machine-id and the host's own name must not be shared by machines.
 */
export const finishScript = [
  'set -eu',
  'groupadd --system flota',
  'useradd --create-home --shell /bin/bash --groups sudo,systemd-journal,flota core',
  'usermod --password "*" core',
  'echo "core ALL=(ALL) NOPASSWD:ALL" > /etc/sudoers.d/core',
  'chmod 0440 /etc/sudoers.d/core',
  'systemctl --quiet disable etcd.service nginx.service docker-registry.service',
  'rm -f /etc/systemd/system/etcd2.service',
  ...maskedUnits.map((unit) => `ln -sf /dev/null /etc/systemd/system/${unit}`),
  'systemctl --quiet enable systemd-networkd.service ssh.service',
  `printf '%s\\n' ${sshdConfig.map((line) => `'${line}'`).join(' ')} > /etc/ssh/sshd_config.d/flota.conf`,
  'mkdir -p /etc/containers/registries.conf.d /etc/ssh/authorized_keys /var/lib/coreos-install /var/log/journal',
  'touch /etc/containers/nodocker',
  'rm -f /etc/ssh/ssh_host_* /etc/hostname /etc/resolv.conf /etc/hosts /etc/apt/apt.conf.d/99mmdebstrap',
  ': > /etc/machine-id',
  '',
].join('\n')

/** Same inputs, same root: names the folder in the cache. */
export function rootHash(sources: string): string {
  const recipe = { suite, packages, bootstrapOptions, finishScript, sources }
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16)
}

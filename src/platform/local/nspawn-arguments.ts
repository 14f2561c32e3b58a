/** What one machine's systemd-nspawn is told. */
export interface NspawnOptions {
  /** Name for systemd-nspawn; the host's end of the link is `vb-` and this. */
  readonly scope: string
  readonly hostname: string
  /** The mounted overlay. */
  readonly root: string
  readonly bridge: string
  /** Folder on a real file system for the containers' storage: podman's overlay cannot sit on an overlay. */
  readonly containers: string
}

/** Everything the payload may need is allowed: a machine is no sandbox, and podman inside needs keyrings and bpf. */
export function nspawnArguments({ scope, hostname, root, bridge, containers }: NspawnOptions): readonly string[] {
  return [
    '--quiet',
    '--boot',
    '--register=no',
    '--keep-unit',
    `--machine=${scope}`,
    `--hostname=${hostname}`,
    `--directory=${root}`,
    `--network-bridge=${bridge}`,
    `--bind=${containers}:/var/lib/containers`,
    '--capability=all',
    '--system-call-filter=@keyring bpf',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--console=pipe',
    '--settings=no',
  ]
}

/** The machines are Debian 13, whose systemd and podman want the unified hierarchy also where the host has not. */
export const nspawnEnvironment: Readonly<Record<string, string>> = { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' }

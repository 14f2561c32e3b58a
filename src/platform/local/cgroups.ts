/** How this host keeps processes apart: a transient unit of its systemd, or groups of our own. */
export type HostGroups =
  | { readonly kind: 'systemd' }
  | {
      readonly kind: 'own'
      /** Mount points in which a machine's launcher joins a group of its own; the first is the one whose members are killed. */
      readonly hierarchies: readonly string[]
    }

interface Mount {
  readonly point: string
  readonly type: string
  readonly options: readonly string[]
}

/** @param mounts text of /proc/mounts @param init text of /proc/1/comm, trimmed */
export function detectGroups(mounts: string, init: string): HostGroups {
  if (init === 'systemd') return { kind: 'systemd' }
  const all = mounts.split('\n').flatMap((line): readonly Mount[] => {
    const [, point, type, options = ''] = line.split(' ')
    return point === undefined || type === undefined ? [] : [{ point, type, options: options.split(',') }]
  })
  const unified = all.filter((mount) => mount.type === 'cgroup2')
  const named = all.filter((mount) => mount.type === 'cgroup' && mount.options.includes('name=systemd'))
  return { kind: 'own', hierarchies: [...unified, ...named].map((mount) => mount.point) }
}

/** Bit of CAP_SYS_RESOURCE in capabilities(7). Without it in the host, no container may raise its limits. */
const capSysResource = 24n

/** @param status text of /proc/self/status */
export function canRaiseLimits(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return effective !== undefined && ((BigInt(`0x${effective}`) >> capSysResource) & 1n) === 1n
}

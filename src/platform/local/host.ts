import { access, constants, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { FlotaError } from '../../lib/errors.ts'
import { canRaiseLimits, detectGroups } from './cgroups.ts'
import type { Launcher } from './launcher.ts'
import { OwnGroups } from './own-groups.ts'
import { TransientUnits } from './transient-units.ts'

const programs = ['ip', 'mount', 'ssh', 'ssh-keygen', 'systemd-nspawn', 'umount']

/** Throws when machines cannot be made here. Changes nothing. */
export async function checkHost(verb: 'up' | 'down'): Promise<void> {
  const work = verb === 'up' ? 'make the cluster' : 'remove the cluster'
  if (process.platform !== 'linux') {
    throw new FlotaError('unsupported', `Cannot ${work}: this is ${process.platform}, not Linux`, {
      hint: 'Use a Linux host',
    })
  }
  if (process.getuid?.() !== 0) {
    throw new FlotaError('permission_denied', `Cannot ${work}: local machines need root`, {
      hint: `Run it as root: sudo flota ${verb}`,
    })
  }
  await checkPrograms(work, programs)
}

/** Throws when one of the programs is not on this host. @param work what they are for, after "Cannot" */
export async function checkPrograms(work: string, wanted: readonly string[]): Promise<void> {
  const missing: string[] = []
  for (const program of wanted) if (!(await isInPath(program))) missing.push(program)
  if (missing.length === 0) return
  throw new FlotaError('failed_precondition', `Cannot ${work}: this host has no ${missing.join(', ')}`, {
    hint: 'Install the Debian packages: apt-get install systemd-container mmdebstrap iproute2 openssh-client',
  })
}

async function isInPath(program: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':')) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}

export async function hostLauncher(clock: Clock): Promise<Launcher> {
  const [mounts, init] = await Promise.all([readFile('/proc/mounts', 'utf8'), readFile('/proc/1/comm', 'utf8')])
  const groups = detectGroups(mounts, init.trim())
  return groups.kind === 'systemd' ? new TransientUnits() : new OwnGroups({ hierarchies: groups.hierarchies, clock })
}

export async function hostCanRaiseLimits(): Promise<boolean> {
  return canRaiseLimits(await readFile('/proc/self/status', 'utf8'))
}

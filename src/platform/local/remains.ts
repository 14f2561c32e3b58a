import { readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { machineFolders } from './folders.ts'
import type { Launcher } from './launcher.ts'
import { groupName, linkName, machineIndex, scopeName } from './names.ts'
import { removeLink } from './network.ts'
import { run, tryRun } from './run.ts'

export interface Whereabouts {
  readonly cluster: string
  /** The cluster's folder on the host. */
  readonly folder: string
  readonly launcher: Launcher
  readonly clock: Clock
}

const unmountWithinMs = 5_000

/** Cuts the power and clears the host of what ran: processes, groups, link, mount. The machine's folder stays. */
export async function cutPower({ cluster, folder, launcher, clock }: Whereabouts, name: string): Promise<void> {
  const { self, root } = machineFolders(folder, name)
  const index = machineIndex(cluster, name) ?? 0
  await launcher.kill(groupName(self))
  // systemd-nspawn removes the link when it ends by itself; after a hard end the link can stay and blocks the next start.
  await removeLink(linkName(cluster, index))
  await forgetScope(scopeName(cluster, index))
  if (await isMounted(root)) {
    await rm(await lockPath(root), { force: true })
    await unmount(root, clock)
  }
}

/** The same, and the folder too. A machine that does not exist is no error. */
export async function removeMachine(whereabouts: Whereabouts, name: string): Promise<void> {
  const { self } = machineFolders(whereabouts.folder, name)
  await cutPower(whereabouts, name)
  await rm(`${self}.partial`, { recursive: true, force: true })
  await rm(self, { recursive: true, force: true })
}

/** @see proc_pid_mountinfo(5); spaces in paths are written \040 there */
export async function isMounted(point: string): Promise<boolean> {
  const escaped = point.replaceAll(' ', '\\040')
  const mounts = await readFile('/proc/self/mountinfo', 'utf8')
  return mounts.split('\n').some((line) => line.split(' ')[4] === escaped)
}

/** systemd-nspawn's own traces, which it removes only when it ends by itself. */
async function forgetScope(scope: string): Promise<void> {
  for (const kind of ['propagate', 'unix-export']) {
    const path = join('/run/systemd/nspawn', kind, scope)
    if (await isMounted(path)) await run(['umount', path])
    await rmdir(path).catch(() => {})
  }
}

/** systemd-nspawn's lock on the tree it runs, named by device and inode. */
export async function lockPath(root: string): Promise<string> {
  const { dev, ino } = await stat(root)
  return `/run/systemd/nspawn/locks/inode-${dev}:${ino}`
}

/** The last process may still be letting go of its files for a moment after it is gone from its group. */
async function unmount(point: string, clock: Clock): Promise<void> {
  const deadline = clock.nowMs() + unmountWithinMs
  while ((await tryRun(['umount', point])).code !== 0) {
    if (clock.nowMs() > deadline) await run(['umount', '--lazy', point])
    await clock.sleep(20)
    if (!(await isMounted(point))) return
  }
}

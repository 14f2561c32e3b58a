import { spawn } from 'node:child_process'
import { mkdir, open, readFile, readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { FlotaError } from '../../lib/errors.ts'
import { exists } from './files.ts'
import { rebootStatus } from './launcher.ts'
import type { Launch, Launcher } from './launcher.ts'

export interface OwnGroupsOptions {
  /** Mount points of the hierarchies to join; the first holds all of a machine's processes. */
  readonly hierarchies: readonly string[]
  readonly clock: Clock
}

/** Joins the groups, then becomes the command. The words after the script are data: a count, the groups, the command. */
const joinScript =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1/cgroup.procs"; shift; n=$((n-1)); done; exec "$@"'

/** Runs the script it is named after, again as long as that ends as a reboot does. Stays outside the groups, and ends with the command. */
const rebootScript = `while /bin/sh -c "$0" sh "$@"; [ $? -eq ${rebootStatus} ]; do :; done`

/**
 * Control groups made by hand, for a host without systemd. Machines started from one group would share the tree of their services,
 * and stopping a service in one would kill that of the same name in another.
 */
export class OwnGroups implements Launcher {
  readonly #options: OwnGroupsOptions

  constructor(options: OwnGroupsOptions) {
    if (options.hierarchies.length === 0) {
      throw new FlotaError('failed_precondition', 'Cannot start machines: this host has no control groups mounted', {
        hint: 'Mount them at /sys/fs/cgroup, as a host with systemd does',
      })
    }
    this.#options = options
  }

  async start({ group, command, env, output }: Launch): Promise<void> {
    const groups = this.#groups(group)
    for (const path of groups) await mkdir(path, { recursive: true })
    const file = await open(output, 'w')
    try {
      await new Promise<void>((resolve, reject) => {
        const words = ['-c', rebootScript, joinScript, String(groups.length), ...groups, ...command]
        const child = spawn('/bin/sh', words, {
          detached: true,
          cwd: '/',
          env: { ...process.env, ...env },
          stdio: ['ignore', file.fd, file.fd],
        })
        child.on('error', reject)
        child.on('spawn', resolve)
        child.unref()
      })
    } finally {
      await file.close()
    }
  }

  async isRunning(group: string): Promise<boolean> {
    return (await this.#members(group)).length > 0
  }

  async kill(group: string): Promise<void> {
    while (await this.isRunning(group)) {
      await this.#killOnce(group)
      await this.#options.clock.sleep(10)
    }
    for (const path of this.#groups(group)) await removeTree(path)
  }

  /** cgroup.kill (Linux 5.14) is atomic; else process by process, until none is left. */
  async #killOnce(group: string): Promise<void> {
    for (const path of this.#groups(group)) {
      if (await exists(join(path, 'cgroup.kill'))) await writeFile(join(path, 'cgroup.kill'), '1')
    }
    for (const pid of await this.#members(group)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended between the look and the signal, which is what was wanted.
      }
    }
  }

  async #members(group: string): Promise<readonly number[]> {
    const lists = await Promise.all(this.#groups(group).map((path) => membersBelow(path)))
    return [...new Set(lists.flat())]
  }

  #groups(group: string): readonly string[] {
    return this.#options.hierarchies.map((hierarchy) => join(hierarchy, group))
  }
}

async function membersBelow(path: string): Promise<readonly number[]> {
  const own = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '')
  const below = await Promise.all((await groupsIn(path)).map((child) => membersBelow(child)))
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()].filter((pid) => pid > 0)
}

/** A group can be removed only after those in it. */
async function removeTree(path: string): Promise<void> {
  for (const child of await groupsIn(path)) await removeTree(child)
  if (await exists(path)) await rmdir(path)
}

async function groupsIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
}

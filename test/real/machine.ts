import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { realClock } from '../../src/lib/clock.ts'
import { detectGroups } from '../../src/platform/local/cgroups.ts'
import { hostFolders } from '../../src/platform/local/folders.ts'
import type { Launcher } from '../../src/platform/local/launcher.ts'
import { nspawnEnvironment } from '../../src/platform/local/nspawn-arguments.ts'
import { OwnGroups } from '../../src/platform/local/own-groups.ts'
import { lockPath } from '../../src/platform/local/remains.ts'
import { buildRoot, locateRoot } from '../../src/platform/local/root.ts'
import { TransientUnits } from '../../src/platform/local/transient-units.ts'

const run = promisify(execFile)
const bootWithinMs = 30_000
const execWithinMs = 20_000

/** One real machine with a systemd of its own and no network, for tests that need nothing more. */
export interface LoneMachine {
  /** Process id, on the host, of the machine's first process. */
  readonly leader: number
  /** Where the host sees this path of the machine. */
  path(inside: string): string
  /** Runs a command in the machine and gives its output. */
  exec(command: readonly string[]): Promise<string>
  /** Removes every trace of it. */
  destroy(): Promise<void>
}

/** Boots on a tmpfs over the shared root. A machine of the same name that an ended test left behind is removed first. */
export async function bootMachine(name: string): Promise<LoneMachine> {
  const launcher = await hostLauncher()
  await removeLeftovers(name, launcher)
  const folder = await mkdtemp(join(tmpdir(), `flota-${name}-`))
  const root = join(folder, 'root')
  const destroy = () => remove(name, folder, launcher)
  try {
    await mountOverlay(folder, await sharedRoot())
    await launcher.start({
      group: groupOf(name),
      command: ['systemd-nspawn', ...nspawnWords(name, root)],
      env: nspawnEnvironment,
      output: join(folder, 'console.log'),
    })
    const leader = await waitForBoot(name)
    const path = (inside: string) => join(`/proc/${leader}/root`, inside)
    return { leader, path, exec: (command) => execIn(leader, command), destroy }
  } catch (error) {
    await destroy()
    throw error
  }
}

const groupOf = (name: string): string => `flota-test-${name}`

function nspawnWords(name: string, root: string): readonly string[] {
  return [
    '--quiet',
    '--boot',
    '--register=no',
    '--keep-unit',
    `--machine=${name}`,
    `--directory=${root}`,
    '--private-network',
    '--capability=all',
    '--link-journal=no',
    '--resolv-conf=off',
    '--console=pipe',
    '--settings=no',
  ]
}

async function hostLauncher(): Promise<Launcher> {
  const init = (await readFile('/proc/1/comm', 'utf8')).trim()
  const groups = detectGroups(await readFile('/proc/mounts', 'utf8'), init)
  return groups.kind === 'systemd'
    ? new TransientUnits()
    : new OwnGroups({ hierarchies: groups.hierarchies, clock: realClock })
}

/** The root that clusters use; any that is there will do, and only where there is none one is built. */
async function sharedRoot(): Promise<string> {
  const { cache } = hostFolders(process.env)
  const place = await locateRoot({ cache, mirror: undefined })
  if (place.isBuilt) return place.folder
  const names = await readdir(join(cache, 'roots')).catch(() => [])
  for (const name of names.toSorted()) {
    const folder = join(cache, 'roots', name)
    if (await canRead(join(folder, 'usr/lib/systemd/systemd'))) return folder
  }
  await buildRoot(place, { clock: realClock, signal: new AbortController().signal })
  return place.folder
}

async function mountOverlay(folder: string, lower: string): Promise<void> {
  const memory = join(folder, 'memory')
  await mkdir(memory)
  await mkdir(join(folder, 'root'))
  await run('mount', ['-t', 'tmpfs', 'tmpfs', memory])
  await mkdir(join(memory, 'upper/etc'), { recursive: true })
  await mkdir(join(memory, 'work'))
  await writeFile(join(memory, 'upper/etc/machine-id'), `${'a9e27'.padEnd(32, '0')}\n`)
  const options = `lowerdir=${lower},upperdir=${join(memory, 'upper')},workdir=${join(memory, 'work')}`
  await run('mount', ['-t', 'overlay', 'overlay', '-o', options, join(folder, 'root')])
}

async function waitForBoot(name: string): Promise<number> {
  const deadline = realClock.nowMs() + bootWithinMs
  while (realClock.nowMs() < deadline) {
    const leader = await findLeader(name)
    if (leader !== undefined && (await canRead(`/proc/${leader}/root/run/systemd/private`))) {
      if (await hasBooted(leader)) return leader
    }
    await realClock.sleep(50)
  }
  throw new Error(`machine ${name} did not boot within ${bootWithinMs} ms`)
}

/** `degraded` is booted too: not every unit of a distribution runs in a machine without a network. */
async function hasBooted(leader: number): Promise<boolean> {
  const shown = await execIn(leader, ['systemctl', 'show', '--property=SystemState', '--value']).catch(() => '')
  return ['running', 'degraded'].includes(shown.trim())
}

/** The child of the machine's systemd-nspawn that is process 1 in its own namespace. */
async function findLeader(name: string): Promise<number | undefined> {
  const launchers = await processesWith(`--machine=${name}`)
  for (const pid of await allProcesses()) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const parent = Number(/^PPid:\t(\d+)$/m.exec(status)?.[1])
    if (launchers.includes(parent) && /^NSpid:.*\t1$/m.test(status)) return pid
  }
  return undefined
}

async function processesWith(word: string): Promise<readonly number[]> {
  const pids = await allProcesses()
  const matches = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').includes(word),
    ),
  )
  return pids.filter((_, index) => matches[index])
}

const allProcesses = async (): Promise<readonly number[]> =>
  (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)

async function execIn(leader: number, command: readonly string[]): Promise<string> {
  const words = ['--target', String(leader), '--all', '--', ...command]
  return (await run('nsenter', words, { timeout: execWithinMs })).stdout
}

async function removeLeftovers(name: string, launcher: Launcher): Promise<void> {
  const folders = (await readdir(tmpdir())).filter((entry) => entry.startsWith(`flota-${name}-`))
  for (const folder of folders) await remove(name, join(tmpdir(), folder), launcher)
}

async function remove(name: string, folder: string, launcher: Launcher): Promise<void> {
  await launcher.kill(groupOf(name))
  // systemd-nspawn leaves its lock when it ends by force.
  await lockPath(join(folder, 'root')).then(
    (path) => rm(path, { force: true }),
    () => {},
  )
  for (const mount of ['root', 'memory']) await run('umount', ['--lazy', join(folder, mount)]).catch(() => {})
  await rm(folder, { recursive: true, force: true })
}

const canRead = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { realClock } from '../../lib/clock.ts'
import { installArtefact, packageFolder } from './artefact.ts'
import { hostFolders } from './folders.ts'
import { hostLauncher } from './host.ts'
import { nspawnEnvironment } from './nspawn-arguments.ts'
import { findByArgument } from './processes.ts'
import { isMounted, lockPath } from './remains.ts'
import { ensureRoot } from './root.ts'
import { run, tryRun } from './run.ts'

// A host with systemd as its first process and nothing but cgroup version 2: one of our own machines, in which a cluster is made.
const group = `flota-nested-${process.pid}`
const signal = new AbortController().signal
const bootWithinMs = 30_000
const { cache } = hostFolders(process.env)
let folder = ''
let leader = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-nested-'))
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => join(folder, name)) as [string, string, string]
  for (const path of [upper, work, root, join(folder, 'state')]) await mkdir(path)
  const lower = await ensureRoot({ cache, mirror: undefined, clock: realClock, signal })
  await installArtefact(await packageFolder(), upper)
  await run(['mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, root])
  const launcher = await hostLauncher(realClock)
  await launcher.start({ group, command: nspawn(root), env: nspawnEnvironment, output: join(folder, 'console.log') })
  leader = await bootedLeader(root)
})

afterAll(async () => {
  await (await hostLauncher(realClock)).kill(group)
  const root = join(folder, 'root')
  await rm(await lockPath(root), { force: true })
  if (await isMounted(root)) await run(['umount', root])
  await rm(`/run/systemd/nspawn/propagate/${group}`, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
})

/** No network at all: what the cluster inside needs is in the cache. */
const nspawn = (root: string): readonly string[] => [
  'systemd-nspawn',
  '--quiet',
  '--boot',
  '--register=no',
  '--keep-unit',
  `--machine=${group}`,
  `--directory=${root}`,
  '--private-network',
  `--bind=${join(folder, 'state')}:/var/lib/flota`,
  `--bind=${cache}:/var/cache/flota`,
  '--capability=all',
  '--system-call-filter=@keyring bpf @mount',
  '--link-journal=no',
  '--resolv-conf=off',
  '--timezone=off',
  '--console=pipe',
  '--settings=no',
]

async function bootedLeader(root: string): Promise<number> {
  const deadline = realClock.nowMs() + bootWithinMs
  while (realClock.nowMs() < deadline) {
    // The last of them is systemd-nspawn itself: before it come those that start it again after a reboot.
    const pid = (await findByArgument(`--directory=${root}`)).at(-1)?.pid ?? 0
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    const child = Number(children.trim().split(' ')[0])
    const state = child > 0 ? (await inside(child, ['systemctl', 'is-system-running'])).stdout.trim() : ''
    if (['running', 'degraded'].includes(state)) return child
    await realClock.sleep(100)
  }
  throw new Error(`the machine did not boot: ${await readFile(join(folder, 'console.log'), 'utf8')}`)
}

const inside = (pid: number, command: readonly string[]) =>
  tryRun([
    'nsenter',
    '-t',
    String(pid),
    '-a',
    '--',
    'env',
    '-C',
    '/',
    '-i',
    'PATH=/usr/sbin:/usr/bin',
    'HOME=/root',
    ...command,
  ])

const exec = (command: readonly string[]) => inside(leader, command)

it('the host of this test has systemd and cgroup version 2 alone', async () => {
  expect((await exec(['cat', '/proc/1/comm'])).stdout).toBe('systemd\n')
  expect((await exec(['grep', '-c', 'cgroup2', '/proc/mounts'])).stdout).toBe('1\n')
  expect((await exec(['grep', '-c', ' cgroup ', '/proc/mounts'])).stdout).toBe('0\n')
})

it('flota up makes a cluster there, each machine as a transient unit', async () => {
  const { code, stderr } = await exec(['flota', 'up', '--machines', '2'])
  expect(stderr.split('\n').filter((line) => line.startsWith('Cannot'))).toEqual([])
  expect(code).toBe(0)
  const units = await exec(['systemctl', 'list-units', '--plain', '--no-legend', 'flota-flota-*'])
  expect(units.stdout.trim().split('\n')).toHaveLength(2)
  const machines = await exec(['flota', 'list-machines', '--no-legend'])
  expect(machines.stdout.trim().split('\n')).toHaveLength(2)
}, 180_000)

it('flota down leaves no unit, link, mount or file of it', async () => {
  const { code, stdout } = await exec(['flota', 'down'])
  expect([code, stdout]).toEqual([0, "Cluster 'flota' is gone\n"])
  expect((await exec(['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'flota-flota-*'])).stdout).toBe('')
  expect((await exec(['ip', '-o', 'link'])).stdout.trim().split('\n')).toHaveLength(1)
  expect((await exec(['grep', '-c', 'clusters', '/proc/mounts'])).stdout).toBe('0\n')
  expect((await exec(['find', '/var/lib/flota', '/run/systemd/nspawn/propagate', '-mindepth', '1'])).stdout).toBe('')
})

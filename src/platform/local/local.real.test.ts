import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { realClock } from '../../lib/clock.ts'
import { ensureKey, writeAccess } from '../access.ts'
import { platformContract } from '../../../test/contract/platform-contract.ts'
import type { PlatformUnderTest } from '../../../test/contract/platform-contract.ts'
import { waitForSsh } from '../ready.ts'
import { sshCommand } from '../ssh-command.ts'
import { parseAddressPlan } from './address-plan.ts'
import { clusterFolder, hostFolders, machineFolders } from './folders.ts'
import { hostCanRaiseLimits, hostLauncher } from './host.ts'
import { accepts } from './host-service.ts'
import { LocalPlatform } from './local.ts'
import { bridgeName, groupName } from './names.ts'
import { ensureBridge, removeLink } from './network.ts'
import { isMounted } from './remains.ts'
import { ensureRoot } from './root.ts'
import { run } from './run.ts'

const cluster = `ptest${process.pid % 1000}`
const plan = parseAddressPlan('10.83.7.0/24')
const signal = new AbortController().signal
let state = ''
let folder = ''
let before: readonly string[] = []

beforeAll(async () => {
  before = await traces()
  state = await mkdtemp(join(tmpdir(), 'flota-platform-'))
  folder = clusterFolder({ cache: '', state }, cluster)
  await makePackage(join(state, 'package'))
  await ensureBridge({ bridge: bridgeName(cluster), plan, owner: folder })
})

/** The package in its form, without its programs: what runs in a machine is not this test's matter. */
async function makePackage(path: string): Promise<void> {
  await mkdir(join(path, 'dist'), { recursive: true })
  await writeFile(join(path, 'package.json'), JSON.stringify({ name: 'flota', bundleDependencies: [] }))
  await writeFile(join(path, 'dist/flotad.js'), '')
  await cp(new URL('../../../systemd', import.meta.url).pathname, join(path, 'systemd'), { recursive: true })
}

afterAll(async () => {
  const platform = await open()
  for (const { name } of await platform.list()) await platform.destroy(name)
  await removeLink(bridgeName(cluster))
  await rm(state, { recursive: true, force: true })
  expect((await traces()).filter((trace) => !before.includes(trace))).toEqual([])
})

/** What machines could leave on the host, one line each. Only what carries this test's own name counts: others work on this host too. */
async function traces(): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const links = (await run(['ip', '-o', 'link'])).split('\n').map((line) => line.split(':')[1]?.trim() ?? '')
  const groups = await Promise.all(
    ['', 'unified', 'systemd'].map((name) => readdir(`/sys/fs/cgroup/${name}`).catch(() => [])),
  )
  const scopes = await readdir('/run/systemd/nspawn/propagate').catch(() => [])
  return [...mounts, ...links, ...groups.flat(), ...scopes].filter((line) => line.includes(cluster))
}

async function open(): Promise<LocalPlatform> {
  const { cache } = hostFolders(process.env)
  return new LocalPlatform({
    cluster,
    folder,
    plan,
    root: await ensureRoot({ cache, mirror: undefined, clock: realClock, signal }),
    registry: `${plan.host}:5000`,
    artefact: join(state, 'package'),
    canRaiseLimits: await hostCanRaiseLimits(),
    launcher: await hostLauncher(realClock),
    clock: realClock,
  })
}

async function openUnderTest(): Promise<PlatformUnderTest> {
  const platform = await open()
  const sshKey = await ensureKey(folder, cluster)
  return {
    platform,
    names: [`${cluster}-1`, `${cluster}-2`],
    sshKey,
    ssh: async (address, command) => {
      const context = await writeAccess(folder, cluster, await platform.list())
      await waitForSsh(address, { context, clock: realClock, signal, console: '' })
      return run(sshCommand(context, address, command))
    },
    answers: (address) => accepts(address, 22),
    close: () => Promise.resolve(),
  }
}

platformContract('local', openUnderTest)

it('a machine whose supervisor alone was killed is repaired', async () => {
  const under = await openUnderTest()
  const name = under.names[1]
  const spec = { name, userData: '#cloud-config\n', sshKey: under.sshKey }
  const machine = await under.platform.ensure(spec, signal)
  await under.ssh(machine.publicIp, ['true'])
  const { root } = machineFolders(folder, name)
  const supervisors = await run(['pgrep', '-f', `directory=${root}`])
  for (const pid of supervisors.trim().split('\n')) process.kill(Number(pid), 'SIGKILL')
  await under.platform.powerOff(name)
  expect(await isMounted(root)).toBe(false)
  await under.platform.ensure(spec, signal)
  expect(await under.ssh(machine.publicIp, ['hostname'])).toBe(`${name}\n`)
})

it('a mount that an interrupted start left is no obstacle', async () => {
  const under = await openUnderTest()
  const name = under.names[1]
  const folders = machineFolders(folder, name)
  await under.platform.powerOff(name)
  await run(['mount', '--bind', folders.upper, folders.root])
  expect((await under.platform.list()).find((machine) => machine.name === name)?.state).toBe('broken')
  await under.platform.ensure({ name, userData: '', sshKey: under.sshKey }, signal)
  expect(await under.ssh(plan.machine(2), ['hostname'])).toBe(`${name}\n`)
})

it('after a power cut no process of the machine is left, containers and orphans included', async () => {
  const under = await openUnderTest()
  const name = under.names[1]
  await under.platform.ensure({ name, userData: '', sshKey: under.sshKey }, signal)
  const marker = `6${process.pid}.5`
  await under.ssh(plan.machine(2), [
    'sudo',
    'systemd-run',
    '--quiet',
    'sh',
    '-c',
    `'setsid sleep ${marker} & sleep ${marker}'`,
  ])
  await under.platform.powerOff(name)
  expect(await isRunning(marker)).toBe(false)
  const launcher = await hostLauncher(realClock)
  expect(await launcher.isRunning(groupName(machineFolders(folder, name).self))).toBe(false)
})

async function isRunning(word: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('pgrep', ['-f', `^sleep ${word}$`], { stdio: 'ignore' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0))
  })
}

import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Everything on the host that a cluster could leave behind, one line each; two looks are compared as sets. */
export async function hostTraces(): Promise<readonly string[]> {
  const traces = await Promise.all([links(), addresses(), mounts(), processes(), groups(), rules(), clusterFiles()])
  return traces.flat().toSorted()
}

const linesOf = async (command: string, args: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await exec(command, args).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter((line) => line !== '')
}

const links = async () =>
  (await linesOf('ip', ['-o', 'link'])).map((line) => `link ${line.split(':')[1]?.trim() ?? ''}`)

const addresses = async () =>
  (await linesOf('ip', ['-o', 'addr'])).map((line) => `address ${line.split(/\s+/).slice(1, 4).join(' ')}`)

async function mounts(): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mounts', 'utf8')
  return table.split('\n').map((line) => `mount ${line.split(' ')[1] ?? ''}`)
}

/** Programs of a cluster by their command line; the test run's own come and go. */
async function processes(): Promise<readonly string[]> {
  const wanted =
    /systemd-nspawn|docker-registry|registry serve|discovery serve|fd-forward|ssh.*ControlMaster|\/lib\/systemd\/systemd/
  const found = await Promise.all((await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(commandLine))
  return found.filter((line) => wanted.test(line)).map((line) => `process ${line}`)
}

async function commandLine(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return `${pid} ${text.replaceAll('\0', ' ').trim()}`
}

async function groups(): Promise<readonly string[]> {
  const roots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/machine.slice']
  const found = await Promise.all(roots.map(async (root) => (await directories(root)).map((name) => join(root, name))))
  return found.flat().map((path) => `group ${path}`)
}

async function directories(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

const rules = async () =>
  [
    ...(await linesOf('nft', ['list', 'ruleset'])),
    ...(await linesOf('iptables-save', [])).filter((line) => !line.startsWith('#') && !line.startsWith(':')),
    ...(await linesOf('ip', ['route'])),
  ].map((line) => `rule ${line}`)

/** Clusters of this run's state folder; what commands keep in the user's configuration, in /run and for SSH. */
async function clusterFiles(): Promise<readonly string[]> {
  const state = join(process.env['FLOTA_STATE_DIR'] ?? '/var/lib/flota', 'clusters')
  const clusters = (await directories(state)).map((name) => join(state, name))
  const places = ['/run/flota', `/tmp/flota-${process.getuid?.() ?? 0}`, '/run/systemd/nspawn', contexts()]
  const found = await Promise.all(places.map(filesBelow))
  return [...clusters, ...found.flat()].map((path) => `file ${path}`)
}

const contexts = () => join(process.env['XDG_CONFIG_HOME'] ?? join(process.env['HOME'] ?? '/root', '.config'), 'flota')

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => [])
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FlotaError } from '../../lib/errors.ts'
import type { MachineSpec, Platform, PlatformMachine } from '../platform.ts'
import type { AddressPlan } from './address-plan.ts'
import { installArtefact } from './artefact.ts'
import { exists, makeWhole } from './files.ts'
import { inMachine, machineFolders, machinesFolder } from './folders.ts'
import type { MachineFolders } from './folders.ts'
import { machineFiles } from './machine-files.ts'
import { bridgeName, groupName, machineIndex, scopeName } from './names.ts'
import { nspawnArguments, nspawnEnvironment } from './nspawn-arguments.ts'
import { cutPower, isMounted, removeMachine } from './remains.ts'
import type { Whereabouts } from './remains.ts'
import { run } from './run.ts'

export interface LocalOptions extends Whereabouts {
  readonly plan: AddressPlan
  /** The shared root, read-only. */
  readonly root: string
  /** `ADDRESS:PORT` of the registry that the machines take images from. */
  readonly registry: string
  /** The package to install in each machine. */
  readonly artefact: string
  readonly canRaiseLimits: boolean
}

/** Machines as systemd-nspawn containers on this host: an overlay each over one root, a link each to one bridge, a control group each. */
export class LocalPlatform implements Platform {
  readonly #options: LocalOptions

  constructor(options: LocalOptions) {
    this.#options = options
  }

  async list(): Promise<readonly PlatformMachine[]> {
    const { folder, cluster } = this.#options
    const names = await readdir(machinesFolder(folder)).catch(() => [])
    const machines = names.filter((name) => machineIndex(cluster, name) !== undefined)
    machines.sort((a, b) => (machineIndex(cluster, a) ?? 0) - (machineIndex(cluster, b) ?? 0))
    return Promise.all(machines.map((name) => this.#describe(name)))
  }

  async ensure(spec: MachineSpec, signal: AbortSignal): Promise<PlatformMachine> {
    const { folder, cluster, launcher } = this.#options
    const folders = machineFolders(folder, spec.name)
    const index = this.#index(spec.name)
    if ((await this.#describe(spec.name)).state === 'running') return this.#describe(spec.name)
    if (!(await exists(folders.self))) await makeWhole(folders.self, (path) => this.#create(path, spec.name))
    await cutPower(this.#options, spec.name)
    signal.throwIfAborted()
    await this.#prepare(folders, spec)
    await mountOverlay(this.#options.root, folders)
    signal.throwIfAborted()
    const options = {
      scope: scopeName(cluster, index),
      hostname: spec.name,
      root: folders.root,
      bridge: bridgeName(cluster),
      containers: folders.containers,
    }
    await launcher.start({
      group: groupName(folders.self),
      command: ['systemd-nspawn', ...nspawnArguments(options)],
      env: nspawnEnvironment,
      output: folders.console,
    })
    return { ...(await this.#describe(spec.name)), state: 'running' }
  }

  async destroy(name: string): Promise<void> {
    this.#index(name)
    await removeMachine(this.#options, name)
  }

  async powerOff(name: string): Promise<void> {
    const { self } = machineFolders(this.#options.folder, name)
    if (!(await exists(self))) {
      throw new FlotaError('not_found', `Cannot cut the power of machine '${name}': there is no such machine`)
    }
    await cutPower(this.#options, name)
  }

  async #describe(name: string): Promise<PlatformMachine> {
    const { self, root } = machineFolders(this.#options.folder, name)
    const address = this.#options.plan.machine(this.#index(name))
    const isRunning = await this.#options.launcher.isRunning(groupName(self))
    const state = isRunning ? 'running' : (await isMounted(root)) ? 'broken' : 'stopped'
    return { name, state, publicIp: address, privateIp: address }
  }

  #index(name: string): number {
    const index = machineIndex(this.#options.cluster, name)
    if (index !== undefined) return index
    throw new FlotaError(
      'invalid_argument',
      `Cannot use machine '${name}': its name is not of cluster '${this.#options.cluster}'`,
      {
        hint: `Machines are named ${this.#options.cluster}-1, ${this.#options.cluster}-2, ...`,
      },
    )
  }

  /** Identity: made once, never again. */
  async #create(self: string, name: string): Promise<void> {
    const folders = inMachine(self)
    for (const path of [folders.root, folders.upper, folders.work, folders.containers]) await mkdir(path)
    await chmod(folders.upper, 0o755)
    const etc = join(folders.upper, 'etc')
    await mkdir(join(etc, 'ssh'), { recursive: true })
    await writeFile(join(etc, 'machine-id'), `${randomBytes(16).toString('hex')}\n`)
    const key = join(etc, 'ssh/ssh_host_ed25519_key')
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key])
  }

  /** Everything that may have changed since the last start: written while the layer is not mounted. */
  async #prepare(folders: MachineFolders, spec: MachineSpec): Promise<void> {
    const { plan, registry, canRaiseLimits, artefact } = this.#options
    const address = plan.machine(this.#index(spec.name))
    const files = machineFiles({ ...spec, address, prefixLength: plan.prefixLength, registry, canRaiseLimits })
    for (const { path, text, mode = 0o644 } of files) {
      const target = join(folders.upper, path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, text, { mode })
    }
    await installArtefact(artefact, folders.upper)
  }
}

async function mountOverlay(lower: string, { upper, work, root }: MachineFolders): Promise<void> {
  try {
    await run(['mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, root])
  } catch (cause) {
    throw new FlotaError('failed_precondition', `Cannot mount the machine's file system at '${root}'`, {
      cause,
      hint: 'An overlay needs a real file system below it: set FLOTA_STATE_DIR and FLOTA_CACHE_DIR to folders on one',
    })
  }
}

/** The machine's public host key, for a known_hosts file. */
export async function hostKey(folder: string, name: string): Promise<string> {
  return (await readFile(join(machineFolders(folder, name).upper, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')).trim()
}

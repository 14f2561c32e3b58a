/** The platform port: what makes machines. Implementations: `local` (systemd-nspawn); `digitalocean` and `ssh` follow. */
export interface Platform {
  /** Machines of this cluster that exist, sorted by name. */
  list(): Promise<readonly PlatformMachine[]>
  /** Makes the machine and starts it; a machine that is half made or stopped is repaired. Resolves when it is booting. */
  ensure(spec: MachineSpec, signal: AbortSignal): Promise<PlatformMachine>
  /** Removes every trace of the machine. One that does not exist is no error. */
  destroy(name: string): Promise<void>
  /** Cuts the power: no process of the machine runs on, nothing is shut down in order. */
  powerOff(name: string): Promise<void>
}

export interface MachineSpec {
  readonly name: string
  /** The user-data file's text, the same for all machines. */
  readonly userData: string
  /** One line of an authorized_keys file, for the user `core`. */
  readonly sshKey: string
}

export interface PlatformMachine {
  readonly name: string
  readonly state: 'running' | 'stopped' | 'broken'
  readonly publicIp: string
  readonly privateIp: string
}

import type { WireMachine } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'

export interface RemoteRun {
  readonly machine: WireMachine
  /** Words as typed; the machine's shell gets them joined with blanks, as with ssh itself. None = a shell. */
  readonly command: readonly string[]
  readonly sshPort?: number
  readonly isForwardingAgent?: boolean
}

/** Runs a command on a machine of the cluster over SSH, with this terminal's streams, and gives its exit code. */
export async function runOnMachine(
  deps: CliDeps,
  { machine, command, sshPort, isForwardingAgent }: RemoteRun,
): Promise<number> {
  const { id = '', primaryIP = '' } = machine
  if (primaryIP === '') {
    throw new FlotaError('failed_precondition', `Cannot reach machine '${id}' over SSH: its address is not known`, {
      hint: 'Set public_ip in /etc/fleet/fleet.conf there',
    })
  }
  const connection = await deps.connect()
  const ssh = await connection.ssh()
  const jump = await connection.jumpFor(primaryIP)
  const to = sshPort === undefined ? { host: primaryIP } : { host: primaryIP, port: sshPort }
  const terminal = command.length === 0 && deps.stdin.isTTY === true ? ['-t'] : []
  const agent = isForwardingAgent === true ? ['-A'] : []
  return deps.run('ssh', [...terminal, ...agent, ...ssh.args(to, jump), ...command])
}

/** The same for a command of a verb's own: on this machine without SSH. Each word is one word there too. */
export async function runForUnit(deps: CliDeps, { machine, command, sshPort }: RemoteRun): Promise<number> {
  const [program = '', ...args] = command
  if (machine.id !== undefined && machine.id === (await deps.localMachineId())) return deps.run(program, args)
  const quoted = command.map((word) =>
    /^[A-Za-z0-9@._:/=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
  )
  return runOnMachine(deps, { machine, command: quoted, ...(sshPort === undefined ? {} : { sshPort }) })
}

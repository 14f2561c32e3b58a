import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import type { ContextEnv } from './context.ts'
import { ProcessSocket } from './process-socket.ts'

/** How to reach the cluster's machines with the user's own OpenSSH. */
export interface SshSettings {
  /** Part of the name of the generated configuration file: a context's name, or `tunnel`. */
  readonly name: string
  readonly user: string
  readonly identityFile?: string
  readonly knownHostsFile?: string
  /** `accept-new`: a key that is not known yet is taken; `ask`: as the user's own configuration says; `no`: nothing is checked or kept. */
  readonly hostKeys: 'accept-new' | 'ask' | 'no'
  readonly connectTimeoutSeconds: number
  /** A context of `flota up` is complete; for a tunnel the user's own configuration and agent count too. */
  readonly isComplete: boolean
}

export interface SshHost {
  readonly host: string
  readonly port?: number
}

/** `ssh` with its configuration on disk, ready to be run. */
export interface Ssh {
  readonly settings: SshSettings
  /** Arguments up to and with the destination; `jump` = the machine to go through. */
  args(to: SshHost, jump?: SshHost): readonly string[]
}

export async function prepareSsh(settings: SshSettings, env: ContextEnv): Promise<Ssh> {
  const folder = await runtimeFolder(env)
  const text = sshConfig(settings, folder)
  // Other settings, another file: a command that runs beside this one keeps reading its own.
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const file = join(folder, `${settings.name}-${digest}.conf`)
  await writeFile(`${file}.${process.pid}`, text, { mode: 0o600 })
  await rename(`${file}.${process.pid}`, file)
  return {
    settings,
    args: (to, jump) => [
      ...['-F', file],
      ...(to.port === undefined ? [] : ['-p', String(to.port)]),
      ...(jump === undefined ? [] : ['-J', toJump(settings.user, jump)]),
      to.host,
    ],
  }
}

/** ssh_config(5): of each option the first value found counts, so the user's own files come last. */
export function sshConfig(settings: SshSettings, folder: string): string {
  const lines = [
    `User ${quoted(settings.user)}`,
    ...(settings.identityFile === undefined
      ? []
      : [`IdentityFile ${quoted(settings.identityFile)}`, 'IdentitiesOnly yes']),
    ...(settings.knownHostsFile === undefined ? [] : [`UserKnownHostsFile ${quoted(settings.knownHostsFile)}`]),
    ...hostKeyLines[settings.hostKeys],
    `ConnectTimeout ${settings.connectTimeoutSeconds}`,
    // A machine that lost its power is noticed by a shared connection within three seconds.
    'ServerAliveInterval 1',
    'ServerAliveCountMax 2',
    'LogLevel ERROR',
    // Only `openMaster` makes shared connections: one that a command made would hold on to that command's output.
    'ControlMaster no',
    `ControlPath "${quoted(folder).slice(1, -1)}/%C"`,
    ...(settings.isComplete ? ['BatchMode yes'] : ['Include ~/.ssh/config', 'Include /etc/ssh/ssh_config']),
  ]
  return `${lines.join('\n')}\n`
}

const hostKeyLines: Readonly<Record<SshSettings['hostKeys'], readonly string[]>> = {
  'accept-new': ['StrictHostKeyChecking accept-new'],
  ask: [],
  no: ['StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null'],
}

/** True when a connection stands that sessions can share. Asks nobody but the process that holds it. */
export async function hasMaster(ssh: Ssh, to: SshHost, signal: AbortSignal): Promise<boolean> {
  return (await runSsh(['-O', 'check', ...ssh.args(to)], signal)).code === 0
}

/** Makes one connection that later sessions share, for a minute after the last of them. Resolves when it stands. */
export async function openMaster(ssh: Ssh, to: SshHost, signal: AbortSignal): Promise<void> {
  const args = ssh.args(to)
  // 'auto' clears a dead one's socket away, and does no harm when another process opens the same connection meanwhile.
  const sharing = ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60']
  const { code, words } = await runSsh([...sharing, ...args, 'true'], signal)
  if (code !== 0) {
    throw new FlotaError(
      'unavailable',
      `Cannot connect to '${to.host}' over SSH: ${words || `ssh ended with code ${code}`}`,
    )
  }
}

/** A connection to the far end of a remote command, over the shared connection where there is one. */
export function openSession(args: readonly string[], name: string): ProcessSocket {
  return new ProcessSocket(spawn('ssh', ['-T', ...args], { stdio: ['pipe', 'pipe', 'pipe'] }), name)
}

function runSsh(args: readonly string[], signal: AbortSignal): Promise<{ code: number; words: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: ['ignore', 'ignore', 'pipe'], signal })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString('utf8')))
    child.on('error', (cause) => reject(sshFailed(cause)))
    // 'exit': the connection that goes on in the background may keep the stream open.
    child.on('exit', (code) => {
      child.stderr.destroy()
      resolve({ code: code ?? 255, words: words.trim() })
    })
  })
}

export function sshFailed(cause: Error): FlotaError {
  const isMissing = 'code' in cause && cause.code === 'ENOENT'
  return new FlotaError('unavailable', `Cannot run 'ssh': ${isMissing ? 'it is not installed' : cause.message}`, {
    cause,
    ...(isMissing ? { hint: "Install OpenSSH's client, on Debian the package openssh-client" } : {}),
  })
}

/** Where sockets of shared connections live: nobody else may write there. */
async function runtimeFolder(env: ContextEnv): Promise<string> {
  const own = env['XDG_RUNTIME_DIR']
  const uid = process.getuid?.() ?? 0
  const folder = own === undefined || own === '' ? join(tmpdir(), `flota-${uid}`) : join(own, 'flota')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid: owner } = await stat(folder)
  if (owner !== uid) {
    throw new FlotaError('permission_denied', `Cannot use folder '${folder}': it belongs to another user`, {
      hint: 'Set XDG_RUNTIME_DIR to a folder of your own',
    })
  }
  await chmod(folder, 0o700)
  return folder
}

function toJump(user: string, { host, port }: SshHost): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`
}

/** ssh_config(5): quotes keep blanks together, and a percent sign is written twice. */
function quoted(text: string): string {
  if (/["\n]/.test(text)) {
    throw new FlotaError('invalid_argument', `Cannot use '${text}' with ssh: it has a quote or a line end in it`)
  }
  return `"${text.replaceAll('%', '%%')}"`
}

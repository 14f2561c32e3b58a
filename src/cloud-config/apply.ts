import { lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describeError, FlotaError } from '../lib/errors.ts'
import { authorizeKeys } from './authorized-keys.ts'
import type { Run, RunResult } from './run.ts'
import { describeStep, type Step, type WriteFile } from './step.ts'
import { writeFileInPlace } from './write-file.ts'

export interface ApplyOptions {
  /** Where the machine's file system begins. */
  readonly root: string
  readonly run: Run
}

export interface ApplyResult {
  /** One line for each step that failed; the others were done all the same. */
  readonly failures: readonly string[]
  /** Units that were told to start, and what they do now. */
  readonly states: readonly string[]
}

/** Does the steps in their order. One that fails does not stop the others: a bad file must not cost the machine its cluster. */
export async function applySteps(steps: readonly Step[], options: ApplyOptions): Promise<ApplyResult> {
  const failures: string[] = []
  let isReloadNeeded = false
  for (const step of steps) {
    if (step.kind === 'daemon-reload' && !isReloadNeeded) continue
    try {
      const isChanged = await applyStep(step, options)
      isReloadNeeded ||= isChanged && 'path' in step && step.path.includes('/systemd/')
    } catch (error) {
      failures.push(`Cannot ${describeStep(step)}: ${describeError(error)}`)
    }
  }
  return { failures, states: await readStates(steps, options.run) }
}

/** Resolves with whether anything on the disk is different now. */
async function applyStep(step: Step, { root, run }: ApplyOptions): Promise<boolean> {
  switch (step.kind) {
    case 'set-hostname':
      return must(await run('hostnamectl', ['set-hostname', '--', step.name]))
    case 'authorize-keys':
      return authorizeKeys(root, step.user, step.keys)
    case 'write-file':
      return writeStep(step, { root, run })
    case 'mask':
      return mask(join(root, step.path))
    case 'unmask':
      return unmask(join(root, step.path))
    case 'enable':
      return must(
        await run('systemctl', ['enable', '--force', ...(step.isRuntime ? ['--runtime'] : []), '--', step.unit]),
      )
    case 'daemon-reload':
      return must(await run('systemctl', ['daemon-reload']))
    case 'restart-networkd':
      return must(await run('systemctl', ['restart', '--no-block', 'systemd-networkd.service']))
    // etcd is up only when all its members have come: nobody waits for it here.
    case 'command':
      return must(await run('systemctl', [step.command, '--no-block', '--', step.unit]))
    case 'run-script':
      return must(
        await run('systemd-run', [
          `--unit=${step.unit}`,
          '--no-block',
          '--collect',
          '/bin/bash',
          join(root, step.path),
        ]),
      )
  }
}

/** A program that ended well has changed no file that this code watches. */
function must({ code, stderr }: RunResult): false {
  if (code === 0) return false
  throw new FlotaError('failed_precondition', stderr.trim() === '' ? `exit code ${code}` : stderr.trim())
}

function writeStep({ path, content, mode, owner }: WriteFile, { root, run }: ApplyOptions): Promise<boolean> {
  const file = { path: join(root, path), content, mode }
  if (owner === undefined) return writeFileInPlace(file)
  const give = async (target: string) => void must(await run('chown', ['--', owner, target]))
  return writeFileInPlace({ ...file, give })
}

async function mask(path: string): Promise<boolean> {
  if ((await readlink(path).catch(() => '')) === '/dev/null') return false
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink('/dev/null', path)
  return true
}

async function unmask(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  const isEmpty = found?.isFile() === true && found.size === 0
  const isLink = found?.isSymbolicLink() === true && (await readlink(path)) === '/dev/null'
  if (!isEmpty && !isLink) return false
  await rm(path)
  return true
}

async function readStates(steps: readonly Step[], run: Run): Promise<readonly string[]> {
  const units = steps.flatMap((step) => (step.kind === 'command' && step.command !== 'stop' ? [step.unit] : []))
  return Promise.all(units.map((unit) => readState(unit, run)))
}

async function readState(unit: string, run: Run): Promise<string> {
  const { stdout } = await run('systemctl', ['show', '--property=ActiveState,SubState', '--', unit])
  const [, active = 'unknown'] = /^ActiveState=(.*)$/m.exec(stdout) ?? []
  const [, sub = 'unknown'] = /^SubState=(.*)$/m.exec(stdout) ?? []
  return `${unit} is ${active} (${sub})`
}

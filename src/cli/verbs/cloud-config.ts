import type { Command } from 'commander'
import { resolve } from 'node:path'
import { FlotaError } from '../../lib/errors.ts'
import type { CliDeps } from '../deps.ts'

/** `flota cloud-config`: does at boot what coreos-cloudinit did, and checks a file before any boot. */
export function registerCloudConfig(program: Command, deps: CliDeps): void {
  const group = program.command('cloud-config').description('check user-data, and apply it at boot')
  group
    .command('apply')
    .description('bring this machine to what its user-data says; safe at every boot')
    .option('--from-file <file>', 'the user-data', '/var/lib/coreos-install/user_data')
    .option('--dry-run', 'print what would be done, and do nothing', false)
    .action((options: ApplyOptions) => apply(deps, options))
  group
    .command('validate')
    .description('check a user-data file; exit 1 when there is an error or a warning')
    .argument('<file>')
    .option('-o, --output <format>', 'json: for programs')
    .action((file: string, options: ValidateOptions) => validate(deps, file, options))
}

interface ApplyOptions {
  readonly fromFile: string
  readonly dryRun: boolean
}

async function apply(deps: CliDeps, { fromFile, dryRun }: ApplyOptions): Promise<void> {
  const { readMachineFacts } = await import('../../cloud-config/facts.ts')
  const { prepareUserData } = await import('../../cloud-config/prepare.ts')
  const { describeFinding } = await import('../../cloud-config/finding.ts')
  const { steps, findings } = prepareUserData(await readUserData(deps, fromFile), await readMachineFacts('/'))
  for (const finding of findings) deps.stderr.write(`${describeFinding(finding)}\n`)
  if (findings.some(({ level }) => level === 'error')) deps.setExitCode(1)
  if (dryRun) {
    const { describeStepInFull } = await import('../../cloud-config/step.ts')
    for (const step of steps) deps.stdout.write(`${describeStepInFull(step)}\n`)
    return
  }
  const { applySteps } = await import('../../cloud-config/apply.ts')
  const { runProgram } = await import('../../cloud-config/run.ts')
  const { failures, states } = await applySteps(steps, { root: '/', run: runProgram })
  for (const line of states) deps.stdout.write(`${line}\n`)
  for (const line of failures) deps.stderr.write(`${line}\n`)
  if (failures.length > 0) deps.setExitCode(1)
}

interface ValidateOptions {
  readonly output?: string
}

async function validate(deps: CliDeps, file: string, { output }: ValidateOptions): Promise<void> {
  if (output !== undefined && output !== 'json') {
    throw new FlotaError('invalid_argument', `Cannot print in format '${output}': only json is known`)
  }
  const { validateUserData } = await import('../../cloud-config/validate.ts')
  const { describeFinding } = await import('../../cloud-config/finding.ts')
  const findings = validateUserData(await readUserData(deps, file))
  if (output === 'json') deps.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`)
  else for (const finding of findings) deps.stdout.write(`${describeFinding(finding)}\n`)
  if (findings.some(({ level }) => level !== 'info')) deps.setExitCode(1)
}

async function readUserData({ cwd }: CliDeps, path: string): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(resolve(cwd, path))
  } catch (cause) {
    throw new FlotaError('not_found', `Cannot read user-data '${path}'`, { cause })
  }
}

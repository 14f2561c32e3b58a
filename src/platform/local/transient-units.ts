import { FlotaError } from '../../lib/errors.ts'
import { rebootStatus } from './launcher.ts'
import type { Launch, Launcher } from './launcher.ts'
import { run, tryRun } from './run.ts'

/** One transient unit of the host's systemd per machine, with the groups below it left to the machine's own systemd. */
export class TransientUnits implements Launcher {
  async start({ group, command, env, output }: Launch): Promise<void> {
    const settings = Object.entries(env).map(([name, value]) => `--setenv=${name}=${value}`)
    await run([
      'systemd-run',
      '--quiet',
      '--collect',
      `--unit=${unitOf(group)}`,
      '--service-type=exec',
      '--property=Delegate=yes',
      '--property=KillMode=mixed',
      '--property=TasksMax=infinity',
      `--property=SuccessExitStatus=${rebootStatus}`,
      `--property=RestartForceExitStatus=${rebootStatus}`,
      `--property=StandardOutput=truncate:${output}`,
      `--property=StandardError=append:${output}`,
      ...settings,
      ...command,
    ])
  }

  async isRunning(group: string): Promise<boolean> {
    const { stdout } = await tryRun(['systemctl', 'show', '--property=ActiveState', '--value', unitOf(group)])
    return ['active', 'activating', 'deactivating', 'reloading'].includes(stdout.trim())
  }

  async kill(group: string): Promise<void> {
    const unit = unitOf(group)
    if (!(await this.isRunning(group))) return
    await tryRun(['systemctl', 'kill', '--kill-whom=all', '--signal=SIGKILL', unit])
    await tryRun(['systemctl', 'stop', unit])
    await tryRun(['systemctl', 'reset-failed', unit])
    if (await this.isRunning(group)) {
      throw new FlotaError('internal', `Cannot end the machine's unit '${unit}': systemd still shows it as running`, {
        hint: `Look at it with: systemctl status ${unit}`,
      })
    }
  }
}

const unitOf = (group: string): string => `${group}.service`

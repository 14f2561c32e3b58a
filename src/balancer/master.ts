import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'

/** A running nginx master: started here, or found running when a balancer takes over after a crash of the one before it. */
export interface Master {
  readonly pid: number
  readonly hasExited: () => boolean
  readonly exited: Promise<void>
}

/** Starts nginx in the foreground, leader of a process group of its own: workers that outlive their master can be reached. */
export function startMaster(nginxPath: string, args: readonly string[]): Master | undefined {
  const child = spawn(nginxPath, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  let isGone = false
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      isGone = true
      resolve()
    }
    child.once('exit', end).once('error', end)
  })
  child.unref()
  return child.pid === undefined ? undefined : { pid: child.pid, hasExited: () => isGone, exited }
}

const lookMs = 200

/** The master that the pid file names, when it is alive and runs this very configuration file. */
export async function adoptMaster(pidFile: string, configPath: string, clock: Clock): Promise<Master | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 1 || !(await isOurs(pid, configPath))) return undefined
  let isGone = false
  const watch = async () => {
    while (await isOurs(pid, configPath)) await clock.sleep(lookMs)
    isGone = true
  }
  return { pid, hasExited: () => isGone, exited: watch() }
}

/** nginx writes its command line into its title: "nginx: master process /usr/sbin/nginx -c ...". */
async function isOurs(pid: number, configPath: string): Promise<boolean> {
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return title.startsWith('nginx: master') && title.includes(configPath)
}

/** True when the signal was delivered; a process that is gone is no error. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

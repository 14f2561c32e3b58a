import { readFile, readdir } from 'node:fs/promises'
import type { Clock } from '../../lib/clock.ts'

/** A process that cannot be mistaken for another: ids are used again, an id with its start time is not. */
export interface ProcessRef {
  readonly pid: number
  /** Clock ticks after boot at which it started: field 22 of /proc/PID/stat. */
  readonly startTicks: string
}

export interface ProcessStat {
  readonly state: string
  readonly threads: number
  readonly startTicks: string
}

/** @param stat text of /proc/PID/stat; the command in parentheses may itself hold spaces and parentheses */
export function parseStat(stat: string): ProcessStat | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, threads, startTicks] = [fields[0], fields[17], fields[19]]
  return state === undefined || startTicks === undefined ? undefined : { state, threads: Number(threads), startTicks }
}

/** A first thread that ended is a zombie while others run on, and with them the process's open files and ports. */
const hasEnded = ({ state, threads }: ProcessStat): boolean => state === 'X' || (state === 'Z' && threads <= 1)

export async function processRef(pid: number): Promise<ProcessRef | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const parsed = parseStat(stat)
  if (parsed === undefined || hasEnded(parsed)) return undefined
  return { pid, startTicks: parsed.startTicks }
}

export async function isAlive(ref: ProcessRef): Promise<boolean> {
  return (await processRef(ref.pid))?.startTicks === ref.startTicks
}

/** Signals the process only if it is still the same one. */
export async function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(ref))) return
  try {
    process.kill(ref.pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Asks to end, waits, then insists. */
export async function endProcess(
  ref: ProcessRef,
  options: { readonly graceMs: number; readonly clock: Clock },
): Promise<void> {
  const { graceMs, clock } = options
  await signalProcess(ref, 'SIGTERM')
  const deadline = clock.nowMs() + graceMs
  while ((await isAlive(ref)) && clock.nowMs() < deadline) await clock.sleep(20)
  await signalProcess(ref, 'SIGKILL')
  while (await isAlive(ref)) await clock.sleep(10)
}

/** Processes whose command line has this very argument; sorted by id. Finds what an interrupted run did not write down. */
export async function findByArgument(argument: string): Promise<readonly ProcessRef[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return commandLine.split('\0').includes(argument) ? await processRef(pid) : undefined
    }),
  )
  return found.filter((ref) => ref !== undefined).toSorted((a, b) => a.pid - b.pid)
}

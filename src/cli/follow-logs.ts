import { describeError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'
import type { LogBatch, LogPlace } from './log-lines.ts'
import { mergeLogs } from './log-lines.ts'
import type { LogReader } from './log-reader.ts'
import { sleepUnlessStopped } from './sleep-unless-stopped.ts'

export interface LogFlags {
  readonly lines: number
  readonly follow?: boolean
}

const everyMs = 1_000
const mostAtOnce = 1_000

/** Prints the last lines of all places and, when asked, what comes, until the user ends it. One place that fails is said, once. */
export async function followLogs(
  deps: CliDeps,
  reader: LogReader,
  { places, flags }: { readonly places: readonly LogPlace[]; readonly flags: LogFlags },
): Promise<void> {
  const cursors = new Map<LogPlace, string>()
  const told = new Set<string>()
  const pass = async (most: number): Promise<number> => {
    const batches = await Promise.all(places.map((place) => readPlace(place, most)))
    deps.stdout.write(
      mergeLogs(
        batches.flatMap(({ batch }) => batch ?? []),
        most,
      ),
    )
    const failures = batches.flatMap(({ failure }) => failure ?? [])
    for (const words of failures) if (!told.has(words)) deps.stderr.write(`${words}\n`)
    for (const words of failures) told.add(words)
    return failures.length
  }
  const readPlace = async (place: LogPlace, most: number): Promise<Answer> => {
    try {
      // One line at least: its cursor is where to go on.
      const lines = await reader.read(place, { lines: Math.max(1, most), after: cursors.get(place) })
      const last = lines.at(-1)
      if (last !== undefined) cursors.set(place, last.cursor)
      return { batch: { place, lines } }
    } catch (error) {
      return { failure: describeError(error) }
    }
  }
  if ((await pass(flags.lines)) > 0) deps.setExitCode(1)
  if (flags.follow !== true) return
  const stop = deps.interrupted()
  while (await sleepUnlessStopped(deps.clock, everyMs, stop)) await pass(mostAtOnce)
}

interface Answer {
  readonly batch?: LogBatch
  readonly failure?: string
}

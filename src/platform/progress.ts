import type { Clock } from '../lib/clock.ts'

/** Tells a person what is being done, in plain lines; silent about what takes no time. */
export interface Progress {
  /** Runs the work. What takes over a second is announced, and its end told with its time. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  note(line: string): void
}

const announceAfterMs = 1_000

export function createProgress(write: (text: string) => void, clock: Clock): Progress {
  const note = (line: string): void => write(`${line}\n`)
  return {
    note,
    step: async (title, work) => {
      const done = new AbortController()
      const startedMs = clock.nowMs()
      const state = { isAnnounced: false }
      const announcing = clock.sleep(announceAfterMs, done.signal).then(
        () => {
          state.isAnnounced = true
          note(`${title} ...`)
        },
        () => {},
      )
      try {
        const result = await work()
        if (state.isAnnounced) note(`${title}: done (${((clock.nowMs() - startedMs) / 1000).toFixed(1)} s)`)
        return result
      } finally {
        done.abort()
        await announcing
      }
    },
  }
}

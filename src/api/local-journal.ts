import type { MachineId } from '../machine/machine.ts'
import type { UnitName } from '../unit/unit.ts'

/** One line of the journal. */
export interface JournalLine {
  /** systemd's own mark of this place in this machine's journal. */
  readonly cursor: string
  /** RFC 3339 UTC with microseconds, so that lines of several machines sort as text. */
  readonly time: string
  /** Who wrote it, such as `nginx[12]`; empty where the journal does not say. */
  readonly source: string
  readonly message: string
}

export interface JournalQuestion {
  readonly unit: UnitName
  /** The last so many; with `after` the first so many behind that place. */
  readonly lines: number
  readonly after?: string
}

/** The journal of the machine that this API runs on. */
export interface LocalJournal {
  readonly machine: MachineId
  /** Oldest first; bounded in lines, bytes and time. Rejects with `unavailable` when the journal cannot be read. */
  readonly read: (question: JournalQuestion, signal: AbortSignal) => Promise<readonly JournalLine[]>
}

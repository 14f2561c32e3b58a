import type { Change, Range, Revision, WatchBatch } from '../store.ts'
import { CompactedError } from '../store.ts'
import type { Revised } from './state.ts'

export interface HistoryLimits {
  readonly maxRevisions: number
  /** Characters of keys and values kept, so that a few large files cannot hold the memory. */
  readonly maxChars: number
}

/** As in etcd: an empty store is at revision 1, and the first change makes 2. */
const firstChange = 2n

/** The last revisions, for watches. A watch keeps no queue of its own: one that is too slow finds its revision compacted. */
export class History {
  readonly #limits: HistoryLimits
  readonly #kept: Revised[] = []
  #chars = 0
  /** The revision that comes next. */
  #next: Revision
  #wakers: (() => void)[] = []

  constructor(revision: Revision, limits: HistoryLimits) {
    this.#next = revision + 1n
    this.#limits = limits
  }

  push(revised: readonly Revised[]): void {
    if (revised.length === 0) return
    for (const one of revised) {
      this.#kept.push(one)
      this.#chars += charsOf(one)
      this.#next = one.revision + 1n
    }
    const { maxRevisions, maxChars } = this.#limits
    while (this.#kept.length > maxRevisions || (this.#kept.length > 1 && this.#chars > maxChars)) {
      this.#chars -= charsOf(this.#kept.shift())
    }
    this.#wake()
  }

  /** Forgets everything up to `revision`: watches that have not come so far end as compacted. */
  restart(revision: Revision): void {
    this.#kept.length = 0
    this.#chars = 0
    this.#next = revision + 1n
    this.#wake()
  }

  /** Ends without an error when `signal` aborts. */
  async *watch(range: Range, fromRevision: Revision, signal: AbortSignal): AsyncGenerator<WatchBatch> {
    let next = fromRevision < firstChange ? firstChange : fromRevision
    let isFirst = true
    while (!signal.aborted) {
      const oldest = this.#next - BigInt(this.#kept.length)
      if (next < oldest) throw new CompactedError(oldest)
      const revised = this.#kept.slice(Number(next - oldest))
      next = next > this.#next ? next : this.#next
      const changes = revised.flatMap((one) => one.changes.filter((change) => isIn(range, change)))
      if (isFirst || changes.length > 0) yield { revision: next - 1n, changes }
      else await this.#grown(next, signal)
      isFirst = false
    }
  }

  async #grown(from: Revision, signal: AbortSignal): Promise<void> {
    if (this.#next > from || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#wakers.push(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake()
  }
}

function isIn(range: Range, change: Change): boolean {
  const key = change.kind === 'put' ? change.entry.key : change.key
  return 'key' in range ? key === range.key : key.startsWith(range.prefix)
}

function charsOf(revised: Revised | undefined): number {
  const changes = revised?.changes ?? []
  return changes.reduce(
    (sum, change) =>
      sum + (change.kind === 'put' ? change.entry.key.length + change.entry.value.length : change.key.length),
    0,
  )
}

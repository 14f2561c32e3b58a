import { FlotaError } from '../../lib/errors.ts'
import { storeClosed } from '../store-errors.ts'
import type { Draft } from './draft.ts'
import type { Outcome } from './state.ts'

/** One call that changes the store. What it throws refuses that call alone, so it must change nothing before it throws. */
type Step = (draft: Draft) => unknown

interface Waiting {
  readonly step: Step
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface GroupWriterOptions {
  /** A draft on the current state, with whatever is due already in it. */
  readonly startDraft: () => Draft
  readonly write: (outcome: Outcome) => Promise<void>
  readonly apply: (outcome: Outcome) => void
  /** After a failed write nobody knows what is on disk: brings the memory in line with it again. */
  readonly recover: () => Promise<void>
}

/** As many as came while the disk was busy share one write; more than this would make a batch too large for a slow disk. */
const maxGroup = 200

/** Group commit: calls are answered in the order they came, each after the write that holds it is on disk. */
export class GroupWriter {
  readonly #options: GroupWriterOptions
  #queue: Waiting[] = []
  #running: Promise<void> | undefined
  #isClosed = false
  #mustRecover = false

  constructor(options: GroupWriterOptions) {
    this.#options = options
  }

  submit<T>(step: (draft: Draft) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#isClosed) {
        reject(storeClosed())
        return
      }
      this.#queue.push({ step, resolve: (value) => resolve(value as T), reject })
      this.#running ??= this.#run()
    })
  }

  /** Takes no more calls; resolves when all that were taken are answered. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #run(): Promise<void> {
    // Calls made in the same turn of the event loop belong to one group.
    await Promise.resolve()
    while (this.#queue.length > 0) await this.#writeGroup(this.#queue.splice(0, maxGroup))
    this.#running = undefined
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const answers: (() => void)[] = []
    try {
      if (this.#mustRecover) await this.#options.recover()
      this.#mustRecover = false
      const draft = this.#options.startDraft()
      for (const waiting of group) answers.push(runStep(waiting, draft))
      if (!draft.isEmpty) await this.#write(draft.outcome())
    } catch (cause) {
      const error = new FlotaError('unavailable', 'Cannot write to the store', {
        cause,
        hint: 'it may or may not have been written; look for a full or failing disk',
      })
      for (const waiting of group) waiting.reject(error)
      return
    }
    for (const answer of answers) answer()
  }

  async #write(outcome: Outcome): Promise<void> {
    try {
      await this.#options.write(outcome)
    } catch (error) {
      this.#mustRecover = true
      throw error
    }
    this.#options.apply(outcome)
  }
}

function runStep({ step, resolve, reject }: Waiting, draft: Draft): () => void {
  try {
    const value = step(draft)
    return () => resolve(value)
  } catch (error) {
    return () => reject(error)
  }
}

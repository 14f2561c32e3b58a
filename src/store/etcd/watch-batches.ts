import type { Change, Revision, WatchBatch } from '../store.ts'
import { CompactedError } from '../store.ts'
import type { WatchResponse } from './generated/etcd.ts'
import { toChange } from './messages.ts'

/** Makes batches of whole commits from what etcd sends. Pure but for what it remembers. */
export class WatchBatches {
  readonly #fromRevision: Revision
  #delivered: Revision
  #fragments: Change[] = []
  #signsBehind = 0

  constructor(fromRevision: Revision) {
    this.#fromRevision = fromRevision
    this.#delivered = fromRevision - 1n
  }

  /**
   * Undefined when the answer completes nothing yet. Throws CompactedError when the watch can only begin anew, and a plain Error with
   * etcd's words when etcd ended it otherwise.
   */
  add(response: WatchResponse): WatchBatch | undefined {
    if (response.compactRevision !== 0n) throw new CompactedError(response.compactRevision)
    if (response.canceled) throw new Error(response.cancelReason || 'etcd ended the watch')
    if (response.created) return undefined
    if (response.events.length === 0 && !response.fragment && this.#fragments.length === 0) {
      return this.#lifeSign(response)
    }
    this.#fragments.push(...response.events.map(toChange))
    if (response.fragment) return undefined
    const changes = this.#fragments
    this.#fragments = []
    this.#delivered = changes.reduce((last, change) => maxOf(last, revisionOf(change)), this.#delivered)
    return { revision: this.#delivered, changes }
  }

  /**
   * A progress answer proves that the watch lives, no more: before etcd 3.4.25 and 3.5.8 its revision could run ahead of the events
   * (etcd-io/etcd#15220). A member may lag a moment behind what another one has shown; one that stays behind has another history.
   */
  #lifeSign({ header }: WatchResponse): WatchBatch {
    const revision = header?.revision ?? 0n
    this.#signsBehind = revision < this.#fromRevision - 1n ? this.#signsBehind + 1 : 0
    if (this.#signsBehind >= maxSignsBehind) throw new CompactedError(revision)
    return { revision: this.#delivered, changes: [] }
  }
}

/** The first is asked for as soon as the watch stands, the others seconds apart. */
const maxSignsBehind = 3

const revisionOf = (change: Change): Revision => (change.kind === 'put' ? change.entry.modRevision : change.modRevision)
const maxOf = (a: Revision, b: Revision): Revision => (a > b ? a : b)

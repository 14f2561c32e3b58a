import { EventEmitter, once } from 'node:events'
import type { Clock } from '../lib/clock.ts'
import { Journal } from './journal.ts'
import { applyChange, foldChanges, lastIndex, toTokens } from './records.ts'
import type { Change, Registration, TokenRecord } from './records.ts'
import { createToken, type Token } from './token.ts'

export interface RegistryOptions {
  readonly dir: string
  readonly clock: Clock
  /** A token is forgotten this long after it was made. */
  readonly ttlMs: number
}

export type RegisterOutcome =
  | { readonly kind: 'created' | 'repeated' | 'taken'; readonly registration: Registration }
  | { readonly kind: 'unknown-token' }

/** What a long poll waits for: a registration of this token, of this id where given, at this index or later. */
export interface Awaited {
  readonly token: Token
  readonly id: string | undefined
  readonly fromIndex: number
}

/** Tokens and who registered under them. Everything it has answered survives a crash; the index never goes back. */
export class Registry {
  readonly #journal: Journal
  readonly #options: RegistryOptions
  readonly #changed = new EventEmitter().setMaxListeners(0)
  readonly #tokens: Map<Token, TokenRecord>
  #index: number
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(journal: Journal, changes: readonly Change[], options: RegistryOptions) {
    this.#journal = journal
    this.#options = options
    this.#tokens = toTokens(changes)
    this.#index = lastIndex(changes)
  }

  static async open(options: RegistryOptions): Promise<Registry> {
    const bornAfterMs = options.clock.wall().getTime() - options.ttlMs
    const { changes, journal } = await Journal.open(options.dir, (all) => {
      const young = [...toTokens(all)].filter(([, { createdMs }]) => createdMs > bornAfterMs)
      return foldChanges(new Map(young), lastIndex(all))
    })
    return new Registry(journal, changes, options)
  }

  get index(): number {
    return this.#index
  }

  get tokens(): readonly TokenRecord[] {
    return [...this.#tokens.values()]
  }

  find(token: Token): TokenRecord | undefined {
    return this.#tokens.get(token)
  }

  create(size: number): Promise<TokenRecord> {
    return this.#inTurn(async () => {
      const token = createToken()
      const createdMs = this.#options.clock.wall().getTime()
      const index = this.#index + 1
      await this.#commit({ kind: 'token', index, token, size, createdMs })
      return { token, size, index, createdMs, registrations: [] }
    })
  }

  /** Saying the same again is answered as the first time was: a member that restarts while it waits must not lose its place. */
  register(token: Token, { id, value }: { readonly id: string; readonly value: string }): Promise<RegisterOutcome> {
    return this.#inTurn(async () => {
      const record = this.#tokens.get(token)
      if (record === undefined) return { kind: 'unknown-token' }
      const there = record.registrations.find((other) => other.id === id)
      if (there !== undefined) return { kind: there.value === value ? 'repeated' : 'taken', registration: there }
      const registration = { id, value, index: this.#index + 1 }
      await this.#commit({ kind: 'member', token, ...registration })
      return { kind: 'created', registration }
    })
  }

  /** Resolves with what was removed, undefined when there was nothing. */
  remove(token: Token, id: string): Promise<Registration | undefined> {
    return this.#inTurn(async () => {
      const there = this.#tokens.get(token)?.registrations.find((other) => other.id === id)
      if (there !== undefined) await this.#commit({ kind: 'removed', index: this.#index + 1, token, id })
      return there
    })
  }

  /** Forgets the tokens whose time is over. */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      const bornAfterMs = this.#options.clock.wall().getTime() - this.#options.ttlMs
      const old = this.tokens.filter(({ createdMs }) => createdMs <= bornAfterMs)
      for (const { token } of old) await this.#commit({ kind: 'expired', index: this.#index + 1, token })
    })
  }

  /** The first registration that fits, as soon as there is one; undefined when the signal aborts before. */
  async waitFor(awaited: Awaited, signal: AbortSignal): Promise<Registration | undefined> {
    try {
      for (;;) {
        const found = this.#match(awaited)
        if (found !== undefined) return found
        await once(this.#changed, 'change', { signal })
      }
    } catch (error) {
      if (signal.aborted) return undefined
      throw error
    }
  }

  /** Ends after the change that is being written. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#journal.close())
  }

  #match({ token, id, fromIndex }: Awaited): Registration | undefined {
    const registrations = this.#tokens.get(token)?.registrations ?? []
    return registrations.find((other) => other.index >= fromIndex && (id === undefined || other.id === id))
  }

  /** On the disk first, visible afterwards. */
  async #commit(change: Change): Promise<void> {
    await this.#journal.append(change)
    applyChange(this.#tokens, change)
    this.#index = change.index
    this.#changed.emit('change')
  }

  /** One change at a time, so that what was looked at still holds when it is written. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change)
    this.#turn = done.catch(() => {})
    return done
  }
}

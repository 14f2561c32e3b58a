import type { PresenceRecord, ScheduleRecord, StateRecord } from '../cluster/records.ts'
import { ManualClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { parseMachineId } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Entry, Operation } from '../store/store.ts'
import { FakeSystemd } from '../systemd/fake.ts'
import type { UnitHash, UnitName } from '../unit/unit.ts'
import { type AgentConfig, runAgent } from './agent.ts'
import type { Disk } from './disk.ts'
import type { AgentMachine } from './presence.ts'
import { toUnitFile } from './unit-files.ts'

export const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n'
export const oneShot = '[Service]\nType=oneshot\nExecStart=/bin/true\n'
const machineId = parseMachineId('ab'.repeat(16))

/** Counts what an agent asks of the world; after `lastStep` nothing it asks happens and no answer reaches it: kill -9. */
export class Life {
  readonly #lastStep: number
  steps = 0

  constructor(lastStep = Infinity) {
    this.#lastStep = lastStep
  }

  isOver(): boolean {
    return this.steps >= this.#lastStep
  }
}

/** The world of one machine, which outlives its agents: a store, a systemd, a disk, and a clock that the test moves. */
export class TestMachine {
  readonly clock = new ManualClock()
  readonly store = new MemoryStore(this.clock)
  readonly files = new Map<string, string>()
  readonly systemd = new FakeSystemd({ clock: this.clock, readFile: (path) => this.files.get(path) })
  readonly machine: AgentMachine = {
    id: machineId,
    nonce: 'nonce-1',
    bootId: 'boot-1',
    publicIp: '10.0.0.1',
    metadata: { disk: 'ssd' },
    version: '1.0.0',
  }
  readonly disk: Disk = {
    list: (folder) =>
      Promise.resolve(
        [...this.files.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ),
    read: (path) => Promise.resolve(this.files.get(path) ?? ''),
    write: (path, text) => Promise.resolve(void this.files.set(path, text)),
    remove: (path) => Promise.resolve(void this.files.delete(path)),
  }

  /** `done` settles when the agent ended by itself or after `stop`. A dead agent never settles. */
  start(
    life = new Life(),
    change: Partial<AgentMachine> = {},
    config: Partial<AgentConfig> = {},
  ): { done: Promise<void>; stop: () => Promise<void> } {
    const controller = new AbortController()
    const done = runAgent({
      machine: { ...this.machine, ...change },
      store: mortal(this.store, life),
      systemd: mortal(this.systemd, life),
      disk: mortal(this.disk, life),
      config: {
        ...{ unitsDirectory: '/units', launchesDirectory: '/launches', ttlMs: 8_000, renewEveryMs: 2_000 },
        ...config,
      },
      clock: this.clock,
      log: silentLog,
      random: () => 0.5,
      signal: controller.signal,
    })
    done.catch(() => {})
    const stop = async () => {
      controller.abort()
      await this.settle()
      await done
    }
    return { done, stop }
  }

  async schedule(unit: string, change: Partial<ScheduleRecord> & { readonly text?: string } = {}): Promise<void> {
    const { text = sleeper, ...rest } = change
    const { hash } = toUnitFile(text)
    const base = { hash, desired: 'launched', generation: 1, phase: 'placed', reason: 'test' } as const
    await this.put([
      { kind: 'put', key: keys.file(hash), value: text },
      { kind: 'put', key: this.#scheduleKey(unit), value: codecs.schedule.encode({ ...base, ...rest }) },
    ])
  }

  async unschedule(unit: string): Promise<void> {
    await this.put([{ kind: 'delete', key: this.#scheduleKey(unit) }])
  }

  async put(operations: readonly Operation[]): Promise<void> {
    await this.store.commit({ operations })
    await this.settle()
  }

  /** Lets everything happen that takes no more than some milliseconds. */
  async settle(): Promise<void> {
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 12; j++) await this.clock.advance(0)
      await this.clock.advance(4)
    }
  }

  /** Lets time go by in steps small enough for renewals to be seen. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      await this.clock.advance(Math.min(left, 500))
      await this.settle()
    }
  }

  async read(key: string): Promise<Entry | undefined> {
    return (await this.store.read({ key })).entries[0]
  }

  async presence(): Promise<PresenceRecord | undefined> {
    const entry = await this.read(keys.machinePresence(machineId))
    return entry === undefined ? undefined : codecs.presence.decode(entry.value)
  }

  async state(unit: string): Promise<StateRecord | undefined> {
    const entry = await this.read(keys.state(machineId, unit as UnitName))
    return entry === undefined ? undefined : codecs.state.decode(entry.value)
  }

  pidOf(unit: string): number | undefined {
    return this.systemd.running().get(unit as UnitName)
  }

  /** What systemd was asked since the last look. */
  calls(): readonly string[] {
    const all = this.systemd.calls
    const fresh = all.slice(this.#seenCalls)
    this.#seenCalls = all.length
    return fresh
  }

  #seenCalls = 0
  readonly #scheduleKey = (unit: string): string => keys.schedule(machineId, unit as UnitName)
}

export const hashOf = (text: string): UnitHash => toUnitFile(text).hash

const never = <T>(): Promise<T> => new Promise<T>(() => {})

/** `target` as an agent sees it that dies at some step: each call is one step, and so is each call back. */
function mortal<T extends object>(target: T, life: Life): T {
  return new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (life.isOver() && name !== 'onChange') return never()
        life.steps++
        const gated = args.map((argument) => (typeof argument === 'function' ? gate(argument, life) : argument))
        const result: unknown = Reflect.apply(value, target, gated)
        return result instanceof Promise ? result.then((answer: unknown) => (life.isOver() ? never() : answer)) : result
      }
    },
  })
}

function gate(callback: object, life: Life): (...args: unknown[]) => unknown {
  return (...args) => {
    if (life.isOver() || typeof callback !== 'function') return undefined
    life.steps++
    return life.isOver() ? undefined : (Reflect.apply(callback, undefined, args) as unknown)
  }
}

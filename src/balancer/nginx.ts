import { open, readFile, rename, rm } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { FlotaError, describeError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Master } from './master.ts'
import { adoptMaster, signalTo, startMaster } from './master.ts'
import type { PeerTable } from './pool.ts'
import type { NginxConfig, NginxVersion } from './render.ts'
import { filesIn, parseNginxVersion } from './render.ts'
import { run } from './run.ts'
import { callStatus } from './status-socket.ts'

export interface NginxOptions {
  /** Absolute, and nobody else's. */
  readonly directory: string
  readonly nginxPath: string
  readonly clock: Clock
  readonly log: Log
  /** Called when nginx ended without being asked to. */
  readonly onDeath: () => void
}

const proofWithinMs = 5_000
const proofEveryMs = 20
const stopWithinMs = 10_000

/**
 * One nginx and its configuration file. `nginx.conf` is always one that passed nginx's own test; `nginx.conf.good` is the last one
 * that a running nginx proved to serve. Calls of `serve` must not overlap.
 */
export class Nginx {
  readonly #options: NginxOptions
  readonly #files: ReturnType<typeof filesIn>
  #master: Master | undefined
  #isStopping = false

  constructor(options: NginxOptions) {
    this.#options = options
    this.#files = filesIn(options.directory)
  }

  async version(): Promise<NginxVersion> {
    const line = await run(this.#options.nginxPath, ['-v'], 'read the version of nginx')
    const version = parseNginxVersion(line)
    if (version !== undefined) return version
    throw new FlotaError('unsupported', `Cannot read the version of nginx: '${line.trim()}' was answered`)
  }

  /** Takes over an nginx that a balancer before this one left running. */
  async adopt(): Promise<void> {
    const master = await adoptMaster(this.#files.pid, this.#files.config, this.#options.clock)
    if (master !== undefined) this.#follow(master)
  }

  /**
   * Resolves when the running nginx answers this configuration's generation: to false when it did already and nothing was done.
   * Otherwise it throws, and nginx serves what it served before; a dead nginx is started with the last configuration that was good.
   */
  async serve(config: NginxConfig): Promise<boolean> {
    if (this.#isAlive() && (await this.generation()) === config.generation) return false
    try {
      await this.#test(config)
    } catch (error) {
      await this.#startIfDead()
      throw error
    }
    await rename(this.#files.candidate, this.#files.config)
    await this.#load()
    if (await this.#isProven(config.generation)) {
      await writeSafely(this.#files.lastGood, config.text)
      return true
    }
    await this.#rollBack()
    throw new FlotaError(
      'failed_precondition',
      `Cannot serve configuration '${config.generation}': nginx does not run it`,
      {
        hint: 'The lines that nginx logged say why; a port that another program holds is the usual reason',
      },
    )
  }

  /** The generation that nginx answers; undefined when it does not answer. */
  generation(): Promise<string | undefined> {
    return callStatus(this.#files.socket, { method: 'GET', path: '/flota-generation' }).catch(() => undefined)
  }

  /** Hands over the peers, without a reload. All workers use them once this resolves. */
  async feed(table: PeerTable): Promise<void> {
    const answer = await callStatus(this.#files.socket, { method: 'PUT', path: '/flota-peers', body: table.text })
    if (answer === table.version) return
    throw new FlotaError('internal', `Cannot hand peers '${table.version}' to nginx: it answered '${answer}'`)
  }

  /** Lets nginx finish its requests, for a bounded time. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const master = this.#master
    if (master === undefined) return
    for (const signal of ['SIGQUIT', 'SIGTERM'] as const) {
      signalTo(master.pid, signal)
      if (await this.#hasEnded(master)) return
    }
    signalTo(-master.pid, 'SIGKILL')
  }

  #isAlive(): boolean {
    return this.#master?.hasExited() === false
  }

  async #hasEnded(master: Master): Promise<boolean> {
    const done = new AbortController()
    const tooLate = this.#options.clock.sleep(stopWithinMs, done.signal).catch(() => {})
    await Promise.race([master.exited, tooLate])
    done.abort()
    return master.hasExited()
  }

  async #test({ text }: NginxConfig): Promise<void> {
    const { directory, nginxPath } = this.#options
    await writeSafely(this.#files.candidate, text)
    await run(nginxPath, ['-t', '-q', '-p', directory, '-c', this.#files.candidate], 'test the configuration')
  }

  /** Asks the running nginx to read its configuration again, or starts one. */
  async #load(): Promise<void> {
    if (this.#master !== undefined && this.#isAlive()) signalTo(this.#master.pid, 'SIGHUP')
    else await this.#start()
  }

  async #start(): Promise<void> {
    const { directory, nginxPath } = this.#options
    if (this.#isStopping) return
    await rm(this.#files.socket, { force: true }) // a killed nginx leaves it, and it would be "already in use"
    const master = startMaster(nginxPath, ['-p', directory, '-c', this.#files.config])
    if (master !== undefined) this.#follow(master)
  }

  async #startIfDead(): Promise<void> {
    if (this.#isAlive() || (await readFile(this.#files.config).catch(() => undefined)) === undefined) return
    await this.#start()
  }

  #follow(master: Master): void {
    this.#master = master
    void master.exited.then(async () => {
      if (this.#isStopping) return
      // Workers that outlived their master hold the ports: they finish their requests and let go.
      signalTo(-master.pid, 'SIGQUIT')
      await this.#options.clock.sleep(100)
      this.#options.log.warn('nginx ended, starting it again', { pid: master.pid })
      this.#options.onDeath()
    })
  }

  async #isProven(generation: string): Promise<boolean> {
    const { clock } = this.#options
    const deadlineMs = clock.nowMs() + proofWithinMs
    while (clock.nowMs() < deadlineMs && this.#isAlive()) {
      if ((await this.generation()) === generation) return true
      await clock.sleep(proofEveryMs)
    }
    return false
  }

  async #rollBack(): Promise<void> {
    const { log } = this.#options
    const text = await readFile(this.#files.lastGood, 'utf8').catch(() => undefined)
    if (text === undefined) return
    try {
      await writeSafely(this.#files.candidate, text)
      await rename(this.#files.candidate, this.#files.config)
      await this.#load()
    } catch (error) {
      log.error('Cannot go back to the last good configuration', { error: describeError(error) })
    }
  }
}

/** On disk in full, or not there at all: written aside, flushed, then renamed. */
export async function writeSafely(path: string, text: string): Promise<void> {
  const aside = `${path}.tmp`
  const file = await open(aside, 'w', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
}

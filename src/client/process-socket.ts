import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { Duplex } from 'node:stream'
import { FlotaError } from '../lib/errors.ts'

export type PipedProcess = ChildProcessByStdio<Writable, Readable, Readable>

/** A process's standard streams as a connection for node:http. When the process ends with an error, its last words are the reason. */
export class ProcessSocket extends Duplex {
  readonly #child: PipedProcess
  #words = ''

  constructor(child: PipedProcess, name: string) {
    super()
    this.#child = child
    child.stderr.on('data', (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString('utf8')).slice(-2_000)
    })
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause()
    })
    child.stdin.on('error', () => {})
    child.on('error', (cause) => this.destroy(lost(name, cause.message, cause)))
    // 'close', not 'exit': by then everything the process wrote has been read.
    child.on('close', (code) => {
      if (code === 0) this.push(null)
      else this.destroy(lost(name, this.#words.trim() || `ended with code ${code ?? 'none'}`))
    })
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill()
    done(error)
  }

  // What node:http expects of a socket besides its stream; a process has none of it.
  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}

function lost(name: string, why: string, cause?: unknown): FlotaError {
  return new FlotaError('unavailable', `Cannot reach the API over SSH at '${name}': ${why}`, { cause })
}

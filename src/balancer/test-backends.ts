import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Nano } from '../../examples/nano-container/service/server.ts'
import { createNano } from '../../examples/nano-container/service/server.ts'

/** For tests: a directory of its own, removed by `remove`. */
export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'flota-balancer-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A TCP port that nobody uses on any loopback address at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error())))
    })
  })
}

/** The sample service on 127.0.0.<number>, each naming itself `i<number>`. */
export class Backends {
  readonly port: number
  readonly pair: { readonly cert: Buffer; readonly key: Buffer }
  readonly #running = new Map<number, Nano>()

  private constructor(port: number, pair: { cert: Buffer; key: Buffer }) {
    this.port = port
    this.pair = pair
  }

  static async make(): Promise<Backends> {
    const directory = await temporaryDirectory()
    const [keyFile, certFile] = [join(directory.path, 'key.pem'), join(directory.path, 'cert.pem')]
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=nano']
    execFileSync('openssl', ['req', ...kind, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
    const pair = { cert: await readFile(certFile), key: await readFile(keyFile) }
    await directory.remove()
    return new Backends(await freePort(), pair)
  }

  async start(number: number): Promise<void> {
    const nano = createNano({ ...this.pair, servedBy: `i${number}`, log: () => {} })
    this.#running.set(number, nano)
    await nano.listen(this.port, `127.0.0.${number}`)
  }

  async stop(number: number): Promise<void> {
    await this.#running.get(number)?.stop()
    this.#running.delete(number)
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((number) => this.stop(number)))
  }
}

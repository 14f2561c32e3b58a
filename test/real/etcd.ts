import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One real etcd process of a test. */
export interface EtcdMember {
  readonly clientUrl: string
  /** Stops it as a power cut does, and waits until it is gone. */
  readonly kill: () => Promise<void>
  /** Starts it again on the data that it left. */
  readonly restart: () => Promise<void>
  readonly signal: (signal: NodeJS.Signals) => void
}

export interface EtcdCluster {
  readonly members: readonly EtcdMember[]
  readonly clientUrls: readonly string[]
  /** Ends every member and removes their data. */
  readonly stop: () => Promise<void>
}

/** Starts etcd (`FLOTA_ETCD`, or the one on the PATH) on free loopback ports with its data in a temporary folder. */
export async function startEtcd(size: 1 | 3 = 1, flags: readonly string[] = []): Promise<EtcdCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'flota-etcd-'))
  const ports = await freePorts(size * 2)
  const plans = Array.from({ length: size }, (_, index) => ({
    name: `m${index}`,
    clientUrl: `http://127.0.0.1:${ports[index * 2]}`,
    peerUrl: `http://127.0.0.1:${ports[index * 2 + 1]}`,
  }))
  const initialCluster = plans.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',')
  const running = plans.map((plan) => new RunningMember({ ...plan, directory, initialCluster, flags }))
  const stop = async () => {
    await Promise.all(running.map((member) => member.kill()))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    for (const member of running) member.start()
    await Promise.all(running.map((member) => member.healthy()))
  } catch (error) {
    await stop()
    throw error
  }
  return { members: running, clientUrls: running.map(({ clientUrl }) => clientUrl), stop }
}

interface MemberPlan {
  readonly name: string
  readonly clientUrl: string
  readonly peerUrl: string
  readonly directory: string
  readonly initialCluster: string
  readonly flags: readonly string[]
}

class RunningMember implements EtcdMember {
  readonly clientUrl: string
  readonly #plan: MemberPlan
  #child: ChildProcess | undefined
  #output = ''

  constructor(plan: MemberPlan) {
    this.#plan = plan
    this.clientUrl = plan.clientUrl
  }

  start(): void {
    const { name, clientUrl, peerUrl, directory, initialCluster, flags } = this.#plan
    // It ends with this process, also when that one is killed.
    const child = spawn(
      'setpriv',
      [
        ['--pdeathsig', 'KILL', process.env['FLOTA_ETCD'] ?? 'etcd'],
        ['--name', name],
        ['--data-dir', join(directory, name)],
        ['--listen-client-urls', clientUrl],
        ['--advertise-client-urls', clientUrl],
        ['--listen-peer-urls', peerUrl],
        ['--initial-advertise-peer-urls', peerUrl],
        ['--initial-cluster', initialCluster],
        ['--initial-cluster-token', directory],
        ['--logger', 'zap'],
        flags,
      ].flat(),
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    child.on('error', (error) => (this.#output += error.message))
    child.stderr.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-4_000)))
    this.#child = child
  }

  kill = async (): Promise<void> => {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  restart = async (): Promise<void> => {
    await this.kill()
    this.start()
    await this.healthy()
  }

  signal = (signal: NodeJS.Signals): void => {
    this.#child?.kill(signal)
  }

  async healthy(): Promise<void> {
    const untilMs = performance.now() + 20_000
    while (performance.now() < untilMs) {
      if (this.#child?.pid === undefined || this.#child.exitCode !== null) break
      const answer = await fetch(`${this.clientUrl}/health`, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      )
      if (answer?.ok === true && (await answer.text()).includes('true')) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`etcd at ${this.clientUrl} did not become healthy; it said:\n${this.#output}`)
  }
}

/** Ports that nobody listens on now; all are held until all are found, so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Forgets the history before the store's current revision, through etcd's JSON door. */
export async function compactEtcd(clientUrl: string): Promise<void> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${clientUrl}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const range = (await post('kv/range', { key: btoa('/') })) as { readonly header: { readonly revision: string } }
  await post('kv/compaction', { revision: range.header.revision, physical: true })
}

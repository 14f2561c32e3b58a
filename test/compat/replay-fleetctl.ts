import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { Env, World } from '../../src/cli/deps.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { realClock } from '../../src/lib/clock.ts'
import { InProcessCluster, version } from './in-process-cluster.ts'
import type { Outcome, Replay } from './outcome.ts'
import { nameOf, settled } from './outcome.ts'
import type { FleetctlStep, RecordedMachine } from './recordings.ts'
import { readFleetctlRecording } from './recordings.ts'

/** The command line waits in steps of seconds; its clock runs this much faster than the cluster's. */
const haste = 25
const hastyClock: Clock = {
  nowMs: () => realClock.nowMs() * haste,
  wall: () => realClock.wall(),
  sleep: (ms, signal) => realClock.sleep(ms / haste, signal),
}

/** Runs every recorded command line as `fleetctl`, each group against a new cluster of the recorded machines. */
export function openFleetctlReplay(isExpectedToDiffer: (step: string) => boolean, env: Env = {}): Replay {
  const { machines, groups } = readFleetctlRecording()
  return {
    groups: [...groups.keys()],
    run: async (group) => {
      const stage = await Stage.open(machines, env)
      try {
        const outcomes: Outcome[] = []
        for (const [at, step] of (groups.get(group) ?? []).entries()) {
          outcomes.push(
            await settled(() => stage.play(step, at), isRead(step) && !isExpectedToDiffer(nameOf(step, at))),
          )
        }
        return outcomes
      } finally {
        await stage.close()
      }
    },
    close: () => Promise.resolve(),
  }
}

const isRead = ({ argv }: FleetctlStep): boolean => argv.some((word) => word.startsWith('list-') || word === 'cat')

interface StageParts {
  readonly cluster: InProcessCluster
  readonly env: Env
  readonly folder: string
  readonly servers: readonly http.Server[]
}

/** A cluster with its API on a socket and on TCP, a working folder, and an etcd that knows no API. */
class Stage {
  readonly #cluster: InProcessCluster
  readonly #env: Env
  readonly #folder: string
  readonly #servers: readonly http.Server[]
  readonly #places: readonly (readonly [string, string])[]

  private constructor({ cluster, env, folder, servers }: StageParts) {
    this.#cluster = cluster
    this.#env = env
    this.#folder = folder
    this.#servers = servers
    const [, api, etcd] = servers.map((server) => server.address() as AddressInfo)
    this.#places = [
      ['10.77.0.11:49153', `127.0.0.1:${api?.port ?? 0}`],
      ['10.77.0.1:2379', `127.0.0.1:${etcd?.port ?? 0}`],
      ['///var/run/fleet.sock', `//${folder}/fleet.sock`],
    ]
  }

  static async open(machines: readonly RecordedMachine[], env: Env): Promise<Stage> {
    const cluster = await InProcessCluster.open(machines)
    cluster.live()
    const folder = await mkdtemp(join(tmpdir(), 'flota-replay-'))
    await cluster.api.ready()
    const onRequest: http.RequestListener = (request, response) => cluster.api.routing(request, response)
    const noSuchPage: http.RequestListener = (_, response) => response.writeHead(404).end('404 page not found\n')
    const servers = [
      await listen(onRequest, join(folder, 'fleet.sock')),
      await listen(onRequest),
      await listen(noSuchPage),
    ]
    return new Stage({ cluster, env, folder, servers })
  }

  async play(step: FleetctlStep, at: number): Promise<Outcome> {
    const cwd = join(this.#folder, 'cwd')
    await rm(cwd, { recursive: true, force: true })
    await mkdir(cwd)
    for (const [path, text] of Object.entries(step.files)) {
      await mkdir(dirname(join(cwd, path)), { recursive: true })
      await writeFile(join(cwd, path), text)
      this.#script(path, text)
    }
    const ran = await this.#run(step, cwd)
    return toOutcome(step, at, this.#back(ran))
  }

  /** What systemd would make of the recorded units. */
  #script(path: string, text: string): void {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (/^ExecStart=\/bin\/false$/m.test(text)) this.#cluster.script(name, { startResult: 'failed' })
  }

  async #run(step: FleetctlStep, cwd: string) {
    let [stdout, stderr] = ['', '']
    const env = Object.entries({ FLEETCTL_ENDPOINT: 'unix:///var/run/fleet.sock', ...step.env })
    const world: World = {
      stdout: { write: (text) => void (stdout += text), isTTY: false },
      stderr: { write: (text) => void (stderr += text), isTTY: false },
      stdin: Readable.from([step.stdin]),
      env: {
        HOME: this.#folder,
        ...this.#env,
        ...Object.fromEntries(env.map(([name, value]) => [name, this.#there(value)])),
      },
      cwd,
      clock: hastyClock,
      version,
      programName: 'fleetctl',
      run: () => Promise.resolve(255),
      interrupted: () => new AbortController().signal,
      localMachineId: () => Promise.resolve(undefined),
    }
    const exit = await runCli(
      step.argv.map((word) => this.#there(word)),
      world,
    )
    return { stdout, stderr, exit }
  }

  #there(text: string): string {
    return this.#places.reduce((so, [recorded, here]) => so.replaceAll(recorded, here), text)
  }

  #back(ran: Ran): Ran {
    const back = (text: string) => this.#places.reduce((so, [recorded, here]) => so.replaceAll(here, recorded), text)
    return { stdout: back(ran.stdout), stderr: back(ran.stderr), exit: ran.exit }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())),
    )
    await this.#cluster.close()
    await rm(this.#folder, { recursive: true })
  }
}

interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number
}

async function listen(onRequest: http.RequestListener, path?: string): Promise<http.Server> {
  const server = http.createServer(onRequest)
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
  return server
}

function toOutcome(step: FleetctlStep, at: number, ran: Ran): Outcome {
  const outcome = { step: nameOf(step, at), recorded: show(step), replayed: show(ran) }
  if (outcome.recorded === outcome.replayed) return outcome
  return { ...outcome, recorded: blur(outcome.recorded), replayed: blur(outcome.replayed) }
}

const show = ({ stdout, stderr, exit }: Ran): string => `exit ${exit}\n${withoutLogPrefix(stderr)}\u001e\n${stdout}`

/** Log lines begin with a time and a line of fleet's source; the version is that of the build. */
const withoutLogPrefix = (text: string): string =>
  text.replaceAll(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d ([A-Z]+) \S+: /gm, '$1 ')

/** What may be otherwise the next time: who of several is done first, and where a unit is. */
function blur(text: string): string {
  const [head = '', out = ''] = text.split('\u001e\n')
  const lines = out
    .replaceAll('0.0.0+wasnotbuiltproperly', version)
    .replaceAll(/ on [0-9a-f]{8}\.\.\.\/[0-9.]+$/gm, '')
    .replaceAll(/[0-9a-f]{8}\.\.\.\/10\.77\.0\.1[123]/g, 'MMMMMMMM.../10.77.0.1M')
    .replaceAll(/[0-9a-f]{32}\/10\.77\.0\.1[123]/g, `${'M'.repeat(32)}/10.77.0.1M`)
    .split('\n')
  const isWaiting = lines.some((line) => /^(Unit|Triggered|Destroyed) /.test(line))
  return `${head}\u001e\n${(isWaiting ? lines.toSorted() : lines).join('\n')}`
}

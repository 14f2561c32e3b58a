import type { Command } from 'commander'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readGlobals } from '../../src/cli/global-options.ts'
import type { CliDeps } from '../../src/cli/deps.ts'
import { examples } from '../../src/cli/examples.ts'
import { completeVerb } from '../../src/cli/hidden-verbs.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { writeContext } from '../../src/client/context.ts'
import { realClock } from '../../src/lib/clock.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

/** Examples that need machines, root or a peer elsewhere: their arguments are parsed and checked, no more. */
const parsedOnly: Readonly<Record<string, string>> = {
  up: 'makes machines',
  down: 'removes machines',
  balancer: 'runs nginx',
  proxy: 'listens until it is stopped',
  'fd-forward': 'needs the socket of a machine',
  'discovery serve': 'listens until it is stopped',
  'discovery new': 'asks a discovery service',
  'discovery show': 'asks a discovery service',
  'discovery should-join': 'asks a discovery service',
  logs: 'needs the journal of a machine: logs.test.ts runs them',
  import: 'asks the etcd of a fleet cluster',
}

const rows = Object.entries(examples).flatMap(([path, list]) => list.map(({ line }) => [path, line] as const))

describe('the examples of the help', () => {
  let cluster: InProcessCluster
  let line: CommandLine
  beforeEach(async () => {
    cluster = await InProcessCluster.open()
    line = await CommandLine.open(cluster)
    cluster.live()
    const file = (name: string, text: string) => writeFile(join(line.folder, name), text)
    await file('hello.service', '[Service]\nExecStart=/bin/sleep 3600\n')
    await file('nano-container@.service', '[Service]\nExecStart=/bin/sleep 3600\n')
    await file('user-data', '#cloud-config\nhostname: one\n')
    const keys = { user: 'core', identityFile: '/k', knownHostsFile: '/h' }
    await writeContext({ name: 'one', addresses: ['10.0.0.1'], ...keys }, { HOME: line.folder })
    await line.run(['start', 'hello', 'nano-container@1', 'nano-container@2'])
    await line.run(['submit', 'nano-container@.service'])
    await line.run(['route', 'set', 'nano', '--units', 'nano-container@*', '--port', '80'])
  })
  afterEach(async () => {
    await cluster.close()
    await line.close()
  })

  it.each(rows.filter(([path]) => !(path in parsedOnly)))('%s: %s', async (_path, text) => {
    const ran = await line.run(toWords(text), { programName: 'flota', interrupted: () => AbortSignal.abort() })
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stderr).not.toContain('Cannot')
  })
})

describe('the examples that are only parsed', () => {
  it.each(rows.filter(([path]) => path in parsedOnly))('%s: %s', async (path, text) => {
    let parsed = 0
    const program = await wholeProgram()
    leaves(program)
      .get(path)
      ?.action(() => {
        parsed++
      })
    await program.parseAsync([...toWords(text)], { from: 'user' })
    expect(parsed).toBe(1)
  })
})

describe('help', () => {
  it('has examples for every command, and for no other', async () => {
    const paths = [...leaves(await wholeProgram()).keys()].filter((path) => path !== completeVerb)
    expect(Object.keys(examples).toSorted()).toEqual(paths.toSorted())
  })

  it.each(Object.keys(examples))('of %s shows its examples', async (path) => {
    const folder = await mkdtemp(join(tmpdir(), 'flota-help-'))
    let text = ''
    const { runCli } = await import('../../src/cli/run-cli.ts')
    const world = { ...quietDeps(), stdout: { write: (more: string) => void (text += more), isTTY: false } }
    expect(await runCli([...path.split(' '), '--help'], world)).toBe(0)
    for (const { line, meaning } of examples[path] ?? []) expect(text).toContain(`  flota ${line}\n      ${meaning}\n`)
    await rm(folder, { recursive: true })
  })
})

/** As a shell would cut it; quotes keep globs from the shell. */
const toWords = (text: string): readonly string[] => text.split(' ').map((word) => word.replaceAll("'", ''))

function leaves(command: Command, above = ''): ReadonlyMap<string, Command> {
  return new Map(
    command.commands.flatMap((one) => {
      const path = `${above} ${one.name()}`.trim()
      return one.commands.length === 0 ? [[path, one] as const] : [...leaves(one, path)]
    }),
  )
}

function quietDeps(): CliDeps {
  const silent = { write: () => {}, isTTY: false }
  return {
    stdout: silent,
    stderr: silent,
    stdin: new PassThrough(),
    env: {},
    cwd: '/',
    clock: realClock,
    version: '1.2.3',
    programName: 'flota',
    remoteCommand: () => [],
    globals: () => readGlobals({}, {}),
    connect: () => Promise.reject(new Error('nothing to connect to')),
    localMachineId: () => Promise.resolve(undefined),
    run: () => Promise.resolve(0),
    interrupted: () => AbortSignal.abort(),
    setExitCode: () => {},
  }
}

const wholeProgram = () => buildProgram(quietDeps(), 'all')

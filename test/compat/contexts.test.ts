import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeContext } from '../../src/client/context.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  const keys = { user: 'core', identityFile: '/k', knownHostsFile: '/h' }
  for (const [name, address] of [
    ['one', '10.0.0.1'],
    ['two', '10.0.0.2'],
  ] as const) {
    await writeContext({ name, addresses: [address], ...keys }, { HOME: line.folder })
  }
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const run = (...argv: string[]) => line.run(argv, { programName: 'flota' })

it('flota use chooses a context, and flota contexts shows which', async () => {
  expect((await run('contexts')).stdout).toBe('NAME\tCURRENT\tADDRESSES\none\t-\t10.0.0.1\ntwo\t-\t10.0.0.2\n')
  expect(await run('use', 'two')).toEqual({ code: 0, stdout: "Context 'two' is used from now on\n", stderr: '' })
  expect((await run('contexts', '--no-legend')).stdout).toBe('one\t-\t10.0.0.1\ntwo\t*\t10.0.0.2\n')
  expect(JSON.parse((await run('contexts', '-o', 'json')).stdout)).toContainEqual({
    name: 'two',
    current: true,
    user: 'core',
    addresses: ['10.0.0.2'],
  })
})

it.each([
  ['that is not there', ['three'], 1, /^Cannot use context 'three': there is none .*\nKnown contexts: one, two\n/],
  ['with a path for a name', ['../x'], 1, /^Cannot use context '..\/x': a name has letters/],
  ['without a name', [], 2, /missing required argument 'context'/],
])('flota use refuses a context %s, and the choice stays', async (...[, args, code, words]) => {
  await run('use', 'one')
  const ran = await run('use', ...args)
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([code, '', expect.stringMatching(words)])
  expect((await run('contexts', '-o', 'json')).stdout).toContain('"current": true')
})

describe('FLOTA_STRICT_COMPAT=1', () => {
  const rows: readonly (readonly [readonly string[], number])[] = [
    [['strt'], 2],
    [['s'], 2],
    [['list-units', '--nonsense'], 2],
    [['start', '--block-attempts=x', 'a'], 2],
    [['start'], 1],
    [['destroy'], 1],
    [['stop', 'none'], 1],
    [['restart'], 1],
  ]

  it.each(rows)('lets %j exit 0 as fleetctl did, with the same words', async (argv, code) => {
    const env = { HOME: line.folder, FLEETCTL_ENDPOINT: `unix://${line.folder}/fleet.sock` }
    const strict = { ...env, FLOTA_STRICT_COMPAT: '1' }
    const plain = await line.run(argv, { env })
    expect(plain.code).toBe(code)
    expect(await line.run(argv, { env: strict })).toEqual({ ...plain, code: 0 })
    expect((await line.run(argv, { env: strict, programName: 'flota' })).code).toBe(code)
  })

  it('leaves real failures alone', async () => {
    const env = { HOME: line.folder, FLEETCTL_ENDPOINT: `unix://${line.folder}/fleet.sock`, FLOTA_STRICT_COMPAT: '1' }
    expect((await line.run(['start', 'none'], { env })).code).toBe(1)
    expect((await line.run(['cat', 'none'], { env })).code).toBe(1)
  })
})

import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FlotaError } from '../../src/lib/errors.ts'
import { keyPrefix } from '../../src/store/keys.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

const fixture = readFileSync(new URL('../fixtures/fleet-keyspace.json', import.meta.url), 'utf8')
const machine = '13135a8d34da09b98cde21be81866ed7'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  await writeFile(join(line.folder, 'fleet.json'), fixture)
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const run = (...argv: string[]) => line.run(['import', ...argv], { programName: 'flota' })
const revision = async () => (await cluster.store.read({ prefix: keyPrefix })).revision
const units = async () => (await line.run(['list-unit-files', '--no-legend', '--fields=unit,hash,dstate'])).stdout

const imported = [
  'a.service\t47f0084\tlaunched',
  'b.service\t47f0084\tlaunched',
  'c.service\t47f0084\tloaded',
  'g.service\t0ba4a1c\tlaunched',
  'n.service\tdd7a35b\tlaunched',
  'of.service\t061caec\tlaunched',
  't@.service\t47f0084\tinactive',
  '',
].join('\n')

/** One key more in the keyspace of the fixture. */
async function addKey(key: string, value: string): Promise<void> {
  const path = join(line.folder, 'fleet.json')
  const dump = JSON.parse(await readFile(path, 'utf8')) as { node: { nodes: unknown[] } }
  dump.node.nodes.push({ key: `/_coreos.com/fleet/${key}`, value })
  await writeFile(path, JSON.stringify(dump))
}

describe('flota import', () => {
  it('shows a plan and writes nothing, unless told to', async () => {
    const before = await revision()
    const { code, stdout, stderr } = await run('--from-dump', 'fleet.json')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      [
        'UNIT\t\tHASH\tDSTATE\t\tTARGET\t\tACTION\tWHY',
        't@.service\t47f0084\tinactive\t-\t\tcreate\t-',
        'a.service\t47f0084\tlaunched\t2f3159dc\tcreate\t-',
        'b.service\t47f0084\tlaunched\t43d53688\tcreate\t-',
        'c.service\t47f0084\tloaded\t\tda8e6e7f\tcreate\t-',
        'g.service\t0ba4a1c\tlaunched\t-\t\tcreate\t-',
        'n.service\tdd7a35b\tlaunched\t-\t\tcreate\tno machine of the cluster has region=mars',
        'of.service\t061caec\tlaunched\t43d53688\tcreate\t-',
        '',
        'FLEET MACHINE\tIP\t\tMETADATA\t\tHERE',
        '2f3159dc\t10.77.0.15\tregion=us\t\tno',
        '43d53688\t10.77.0.14\tdisk=ssd,region=eu\tno',
        'da8e6e7f\t10.77.0.16\t-\t\t\tno',
        '',
        'Left behind: 16 texts that no unit refers to; fleet never removed them',
        'Nothing was written. With --yes: 7 writes',
        '',
      ].join('\n'),
    )
    expect((await run('--from-dump', 'fleet.json', '--dry-run')).stdout).toBe(stdout)
    expect(await revision()).toBe(before)
  })

  it('writes the plan with --yes, and has nothing to do after that', async () => {
    const first = await run('--from-dump', 'fleet.json', '--yes')
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(first.stdout).toMatch(/\nUnit t@\.service created, inactive\nUnit a\.service created, launched\n/)
    expect((await units()).replaceAll(/\t+/g, '\t')).toBe(imported)
    const before = await revision()
    const second = await run('--from-dump', 'fleet.json', '--yes')
    expect([second.code, second.stdout.split('\n').at(-2)]).toEqual([0, 'Nothing to do'])
    expect(await revision()).toBe(before)
  })

  it('gives every unit the text and the hash that fleet had', async () => {
    await run('--from-dump', 'fleet.json', '--yes')
    expect((await line.run(['cat', 'of.service'])).stdout).toBe(
      '[Service]\nExecStart=/bin/sleep 3600\n\n[X-Fleet]\nMachineOf=b.service\n',
    )
  })

  it('goes on where an interrupted import ended', async () => {
    let asked = 0
    cluster.api.server.prependListener('request', ({ method }) => {
      if (method === 'PUT' && ++asked === 4) cluster.store.isAway = true
    })
    const cut = await run('--from-dump', 'fleet.json', '--yes')
    expect(cut.code).toBe(1)
    expect(cut.stderr).toContain('Cannot finish the import')
    expect(cut.stderr).toContain('What was written stays; the same command does the rest')
    cluster.store.isAway = false
    expect((await units()).split('\n').length - 1).toBe(3)
    const rest = await run('--from-dump', 'fleet.json', '--yes')
    expect(rest.stdout.match(/ created, /g)?.length).toBe(4)
    expect((await units()).replaceAll(/\t+/g, '\t')).toBe(imported)
  })

  it('ends between two steps when it is interrupted', async () => {
    const interrupt = new AbortController()
    let asked = 0
    cluster.api.server.prependListener('request', ({ method }) => {
      if (method === 'PUT' && ++asked === 2) interrupt.abort(new FlotaError('deadline_exceeded', 'Interrupted'))
    })
    const argv = ['import', '--from-dump', 'fleet.json', '--yes']
    const { code, stderr } = await line.run(argv, { interrupted: () => interrupt.signal })
    expect([code, stderr]).toEqual([1, expect.stringContaining('Cannot finish the import: Interrupted\n')])
    expect((await units()).split('\n').length - 1).toBe(2)
  })

  it('gives a server of etcd that does not answer its time, and asks the next one', async () => {
    const deaf = createServer(() => {})
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
    const address = deaf.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    try {
      const urls = `http://127.0.0.1:${port},http://127.0.0.1:1`
      const { code, stderr } = await run('--from-etcd2', urls, '--request-timeout', '0.2')
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/:\d+': no answer within 0\.2 s; Cannot reach etcd at 'http:\/\/127\.0\.0\.1:1': /),
      ])
    } finally {
      deaf.close()
    }
  })

  it('starts nothing with --inactive, and sets the states when it comes again without', async () => {
    await run('--from-dump', 'fleet.json', '--yes', '--inactive')
    expect((await units()).match(/inactive/g)?.length).toBe(7)
    expect((await run('--from-dump', 'fleet.json', '--yes', '--inactive')).stdout).toContain('Nothing to do')
    const { stdout } = await run('--from-dump', 'fleet.json', '--yes')
    expect(stdout).toContain('Unit c.service set to loaded\n')
    expect((await units()).replaceAll(/\t+/g, '\t')).toBe(imported)
  })

  it('skips what cannot be imported, says why, and imports the rest', async () => {
    await addKey('job/a b.service/target-state', 'launched')
    await addKey('job/x.service/object', '{"Name":"x.service","UnitHash":[0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9]}')
    await writeFile(join(line.folder, 'a.service'), '[Service]\nExecStart=/bin/true\n')
    await line.run(['submit', 'a.service'])
    const { code, stdout } = await run('--from-dump', 'fleet.json', '--yes')
    expect(code).toBe(0)
    expect(stdout.replaceAll(/\t+/g, ' ')).toContain('a b.service - - - skip fleet has no readable object of it\n')
    expect(stdout).toContain('fleet has no text of hash 0001020304050607080900010203040506070809\n')
    expect(stdout).toContain('the cluster has it with other content (86943ac)\n')
    expect((await units()).split('\n').length - 1).toBe(7)
  })

  it('takes dynamic metadata over for the machines that are here', async () => {
    await addKey(`machines/${machine}/metadata/disk`, '')
    await addKey(`machines/${machine}/metadata/rack`, 'r1')
    const { stdout } = await run('--from-dump', 'fleet.json', '--yes')
    expect(stdout).toContain(`Metadata disk removed on ${machine}\nMetadata rack=r1 set on ${machine}\n`)
    expect((await line.run(['list-machines', '--no-legend'])).stdout).toContain('rack=r1,region=eu\n')
    expect((await run('--from-dump', 'fleet.json')).stdout).toContain('Nothing to do')
  })

  it('prints the plan for programs', async () => {
    const { stdout } = await run('--from-dump', 'fleet.json', '-o', 'json', '--yes')
    const plan = JSON.parse(stdout) as { units: unknown[] }
    expect(plan).toMatchObject({ writes: 7, unusedTexts: 16, unknown: [], metadata: [] })
    expect(plan.units[1]).toEqual({
      name: 'a.service',
      action: 'create',
      desired: 'launched',
      hash: '47f0084368692956938df2280fe087a88a685237',
      target: '2f3159dc1255a378a769fe5beb048395',
      notes: [],
    })
    expect(JSON.parse((await run('--from-dump', 'fleet.json', '-o', 'json')).stdout)).toMatchObject({ writes: 0 })
  })

  it('reads a dump from standard input, under another prefix', async () => {
    const stdin = new PassThrough()
    stdin.end(fixture.replaceAll('/_coreos.com/fleet', '/my/fleet'))
    const argv = ['import', '--from-dump', '-', '--key-prefix', 'my/fleet']
    expect((await line.run(argv, { stdin })).stdout).toContain('With --yes: 7 writes\n')
  })

  it.each([
    [[], 'Cannot import: give one of --from-etcd2 and --from-dump'],
    [['--from-dump', 'x', '--from-etcd2', 'http://x'], 'Cannot import: give one of --from-etcd2 and --from-dump'],
    [['--from-dump', 'fleet.json', '--yes', '--dry-run'], 'Cannot import: --yes and --dry-run exclude each other'],
    [['--from-dump', 'fleet.json', '-o', 'xml'], "Cannot import: 'xml' is no format"],
    [['--from-dump', 'none.json'], "Cannot read dump 'none.json'"],
    [['--from-dump', 'fleet.json', '--key-prefix', '/x'], "none begins with '/x/'"],
    [['--from-etcd2', 'etcd:2379'], "Cannot read etcd at 'etcd:2379': it is no http or https URL"],
    [['--from-etcd2', 'http://127.0.0.1:1'], "Cannot reach etcd at 'http://127.0.0.1:1'"],
  ])('refuses %j: %s', async (argv, message) => {
    const { code, stderr } = await run(...argv)
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})

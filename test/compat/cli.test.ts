import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyPrefix } from '../../src/store/keys.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  await file('hello.service', '[Unit]\nDescription=hello\n\n[Service]\nExecStart=/bin/sleep 3600\n')
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const file = (name: string, text: string) => writeFile(join(line.folder, name), text)
const run = (...argv: string[]) => line.run(argv)
const ok = (stdout: string, stderr = '') => ({ code: 0, stdout, stderr })
const revision = async () => (await cluster.store.read({ prefix: keyPrefix })).revision

describe('lists', () => {
  const machines =
    'MACHINE\t\tIP\t\tMETADATA\n13135a8d...\t10.77.0.11\tdisk=ssd,region=eu\n833c7ef0...\t10.77.0.13\t-\nf54a0ebf...\t10.77.0.12\tregion=us\n'

  it('list-machines prints the bytes of fleetctl', async () => {
    expect(await run('list-machines')).toEqual(ok(machines))
    expect(await run('list-machines', '--full=false', '-no-legend=false')).toEqual(ok(machines))
    expect(await run('list-m')).toEqual(ok(machines))
    const rows = machines.split('\n').slice(1).join('\n')
    expect(await run('-no-legend', 'list-machines').then(({ code }) => code)).toBe(2)
    expect(await run('list-machines', '-no-legend')).toEqual(ok(rows))
    expect(await run('list-machines', '--fields=metadata,ip,machine')).toEqual(
      ok(
        'METADATA\t\tIP\t\tMACHINE\ndisk=ssd,region=eu\t10.77.0.11\t13135a8d...\n-\t\t\t10.77.0.13\t833c7ef0...\nregion=us\t\t10.77.0.12\tf54a0ebf...\n',
      ),
    )
    expect((await run('list-machines', '-l')).stdout).toMatch(
      /^MACHINE\t{5}IP\t\tMETADATA\n13135a8d34da09b98cde21be81866ed7\t10/,
    )
  })

  it('empty lists are their header', async () => {
    expect(await run('list-units')).toEqual(ok('UNIT\tMACHINE\tACTIVE\tSUB\n'))
    expect(await run('list-unit-files')).toEqual(ok('UNIT\tHASH\tDSTATE\tSTATE\tTARGET\n'))
    expect(await run('list-units', '--no-legend')).toEqual(ok(''))
    expect(await run('list-unit-files', '--fields=tmachine')).toEqual(
      ok('TMACHINE\n', 'WARNING: The "tmachine" field is deprecated. Use "target" instead\n'),
    )
  })

  it('are arrays of objects for programs', async () => {
    expect(JSON.parse((await run('list-machines', '-o', 'json')).stdout)).toContainEqual({
      machine: '833c7ef0d145fca2254083a6adac2480',
      ip: '10.77.0.13',
      metadata: {},
    })
    for (const list of ['list-units', 'list-unit-files', 'routes']) {
      expect(JSON.parse((await run(list, '-o', 'json')).stdout)).toEqual([])
    }
  })
})

describe('the life of a unit', () => {
  const where = '13135a8d.../10.77.0.11'
  beforeEach(() => cluster.live())

  it('prints what fleetctl prints at every step', async () => {
    expect(await run('load', 'hello.service')).toEqual(
      ok(`Unit hello.service inactive\nUnit hello.service loaded on ${where}\n`),
    )
    expect(await run('load', 'hello.service')).toEqual(ok(''))
    expect(await run('start', 'hello')).toEqual(ok(`Unit hello.service launched on ${where}\n`))
    expect(await run('list-unit-files')).toEqual(
      ok(`UNIT\t\tHASH\tDSTATE\t\tSTATE\t\tTARGET\nhello.service\t47f0084\tlaunched\tlaunched\t${where}\n`),
    )
    expect(await run('list-units')).toEqual(
      ok(`UNIT\t\tMACHINE\t\t\tACTIVE\tSUB\nhello.service\t${where}\tactive\trunning\n`),
    )
    expect((await run('list-unit-files', '--fields=unit,global,desc', '--no-legend')).stdout).toBe(
      'hello.service\tfalse\thello\n',
    )
    expect(await run('start', 'hello.service')).toEqual(ok(''))
    expect(await run('cat', 'x/hello')).toEqual(
      ok('[Unit]\nDescription=hello\n\n[Service]\nExecStart=/bin/sleep 3600\n'),
    )
    expect(await run('stop', 'hello.service')).toEqual(
      ok(`Unit hello.service loaded on ${where}\n`, 'Successfully stopped units [hello.service].\n'),
    )
    expect(await run('stop', 'hello.service')).toEqual(ok('', 'Successfully stopped units [].\n'))
    expect(await run('unload', 'hello.service')).toEqual(
      ok('Unit hello.service inactive\n', 'Successfully unloaded units [hello.service].\n'),
    )
    expect(await run('unload', 'hello.service')).toEqual(ok('', 'Successfully unloaded units [].\n'))
    expect((await run('stop', 'hello.service')).stderr).toMatch(
      /^Unable to stop unit hello.service in state inactive\n/,
    )
    expect(await run('destroy', 'hello.service')).toEqual(ok('Destroyed hello.service\n'))
    expect(await run('list-unit-files')).toEqual(ok('UNIT\tHASH\tDSTATE\tSTATE\tTARGET\n'))
  })

  it('without blocking only says what was triggered', async () => {
    expect(await run('start', '--no-block', 'hello')).toEqual(
      ok('Unit hello.service inactive\nTriggered unit hello.service start\n'),
    )
    expect((await run('unload', '--no-block', 'hello')).stdout).toBe('Triggered unit hello.service unload\n')
    expect(await run('destroy', '--no-block', 'hello')).toEqual(ok('Destroyed hello.service\n'))
  })

  it('takes globs: of files to start, of units to stop and destroy', async () => {
    await file('nano@.service', '[Service]\nExecStart=/bin/true\n[X-Fleet]\nConflicts=nano@*.service\n')
    expect(await run('submit', '*.service')).toEqual(ok('Unit hello.service inactive\nUnit nano@.service inactive\n'))
    const started = await run('start', 'nano@1', 'nano@2', 'nano@3')
    expect(started.code).toBe(0)
    expect(started.stdout.split('\n').filter((text) => text.includes('launched on')).length).toBe(3)
    expect((await run('stop', 'nano@?')).stderr).toBe(
      'Successfully stopped units [nano@1.service nano@2.service nano@3.service].\n',
    )
    expect((await run('destroy', 'nano@[12].service', 'hello')).stdout).toBe(
      'Destroyed nano@1.service\nDestroyed nano@2.service\nDestroyed hello.service\n',
    )
  })

  it('a unit that fits nowhere is explained and fails when its attempts are over', async () => {
    await file('x.service', '[Service]\nExecStart=/bin/true\n[X-Fleet]\nConflicts=*\n')
    for (const name of ['a', 'b', 'c']) await file(`${name}.service`, '[Service]\nExecStart=/bin/true\n')
    expect((await run('start', 'a', 'b', 'c')).code).toBe(0)
    const { code, stdout, stderr } = await run('start', '--block-attempts=2', 'x')
    expect([code, stdout]).toEqual([1, 'Unit x.service inactive\n'])
    expect(stderr).toBe(
      'Unit x.service waits: 3 machines conflict\n' +
        '  13135a8d...: conflicts with a.service\n' +
        '  833c7ef0...: conflicts with b.service\n' +
        '  f54a0ebf...: conflicts with c.service\n' +
        'Error waiting for units: timed out waiting for unit x.service to report state launched\n' +
        'Error waiting for unit states, exit status: timed out waiting for unit x.service to report state launched\n',
    )
    expect((await run('why', 'x')).stdout).toContain('Unit x.service: wanted launched, now inactive\n')
    expect((await run('unload', 'x')).code).toBe(0)
  }, 15_000)

  it('a unit that fails makes start fail, and the others start all the same', async () => {
    await file('bad.service', '[Service]\nExecStart=/bin/false\n')
    cluster.script('bad.service', { startResult: 'failed' })
    const { code, stdout, stderr } = await run('start', 'bad', 'hello')
    expect(code).toBe(1)
    expect(stdout).toContain('Unit hello.service launched on ')
    expect(stderr).toMatch(
      /^Error waiting for units: unit bad.service failed on 13135a8d\.\.\.\/10\.77\.0\.11 \(loaded\/failed\/failed\)\n$/,
    )
  })

  it('global units are triggered and shown as global', async () => {
    await file('g.service', '[Service]\nExecStart=/bin/true\n[X-Fleet]\nGlobal=true\n')
    expect((await run('start', 'g')).stdout).toBe('Unit g.service \nTriggered global unit g.service start\n')
    expect((await run('list-unit-files', '--no-legend')).stdout).toMatch(/^g.service\t\w{7}\tlaunched\t-\tglobal\n$/)
  })

  it('--replace replaces what it may, and refuses the rest without touching it', async () => {
    await run('start', 'hello')
    await file('hello.service', '[Service]\nExecStart=/bin/sleep 1\n')
    expect((await run('start', 'hello')).stderr).toBe(
      'WARNING: Unit hello.service in registry differs from local unit file hello.service. Add --replace to override.\n',
    )
    const before = await revision()
    const refused = await run('submit', '--replace', 'hello')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      "Warning: can not replace Unit(hello.service) in state 'launched', use the appropriate command\n",
    ])
    expect(await revision()).toBe(before)
    expect(await run('start', '--replace', 'hello')).toEqual(
      ok(`Unit hello.service inactive\nUnit hello.service launched on ${where}\n`),
    )
    expect((await run('cat', 'hello')).stdout).toBe('[Service]\nExecStart=/bin/sleep 1\n')
    expect((await run('start', '--replace', 'hello')).stdout).toBe(
      'Found same Unit(hello.service) in Registry, nothing to do\n',
    )
  })

  it('an instance comes from the template: the cluster has the word before a local file', async () => {
    await file('t@.service', '[Service]\nExecStart=/bin/old\n')
    await run('submit', 't@.service')
    await file('t@.service', '[Service]\nExecStart=/bin/new\n')
    expect((await run('submit', 't@1')).stdout).toBe('Unit t@1.service inactive\n')
    expect((await run('cat', 't@1')).stdout).toContain('/bin/old')
    expect((await run('start', 't@')).stderr).toContain('cannot activate template "t@.service"')
  })

  it('warns of a requirement that means nothing', async () => {
    await file('w.service', '[Service]\nExecStart=/bin/true\n[X-Fleet]\nMachineOff=a.service\n')
    const warning = 'Unit w.service: unrecognized requirement in [X-Fleet] section: "MachineOff"\n'
    const { stderr } = await run('submit', 'w')
    expect(stderr).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d WARN fleetctl: /)
    expect(stderr.endsWith(`: ${warning}`)).toBe(true)
    await file('v.service', '[Service]\nExecStart=/bin/true\n[X-Fleet]\nMachineOff=a.service\n')
    expect((await line.run(['submit', 'v'], { programName: 'flota' })).stderr).toMatch(/^Warning: Unit v.service: /)
  })

  it('status and journal run on the machine of the unit, and give its exit code', async () => {
    await run('start', 'hello')
    line.commandCode = 3
    expect((await run('status', 'hello')).code).toBe(3)
    const [program, ...args] = line.commands.at(-1) ?? []
    expect([program, args.slice(2)]).toEqual(['ssh', ['10.77.0.11', 'systemctl', 'status', '-l', 'hello.service']])
    line.commandCode = 0
    const local = { localMachineId: () => Promise.resolve('13135a8d34da09b98cde21be81866ed7') }
    expect((await line.run(['journal', '-f', '-n', '3', 'hello'], local)).code).toBe(0)
    expect(line.commands.at(-1)?.join(' ')).toBe('journalctl --unit hello.service --no-pager -n 3 --output short -f')
  })

  it('ssh finds machines by the start of their id and by unit, and leaves the command alone', async () => {
    await run('start', 'hello')
    line.commandCode = 7
    expect((await run('ssh', 'f54a', 'ls', '-la', '--full')).code).toBe(7)
    expect(line.commands.at(-1)?.slice(-4)).toEqual(['10.77.0.12', 'ls', '-la', '--full'])
    await run('ssh', '--ssh-port=2222', 'hello', '--', 'true')
    expect(line.commands.at(-1)?.slice(-4)).toEqual(['-p', '2222', '10.77.0.11', 'true'])
    await run('ssh', '-A', '--machine', '833c', 'uptime', '-p')
    expect(line.commands.at(-1)?.slice(-3)).toEqual(['10.77.0.13', 'uptime', '-p'])
  })
})

describe('routes', () => {
  it('are set, listed and removed', async () => {
    const set = ['route', 'set', 'nano', '--units', 'nano-container@*.service', '--port', '8443', '--scheme', 'https']
    expect(await run(...set)).toEqual(ok('Route nano set\n'))
    expect(await run('routes')).toEqual(ok('NAME\tURL\tUNITS\t\t\t\tHEALTHY\nnano\t-\tnano-container@*.service\t0/0\n'))
    expect(JSON.parse((await run('routes', '-o', 'json')).stdout)).toEqual([
      { name: 'nano', units: ['nano-container@*.service'], healthy: 0, total: 0 },
    ])
    expect(await run('route', 'rm', 'nano')).toEqual(ok('Route nano removed\n'))
  })
})

describe('help and version', () => {
  it('are there without a cluster', async () => {
    const none = { env: { HOME: line.folder } }
    expect((await line.run(['version'], none)).stdout).toBe('fleetctl version 1.2.3\n')
    expect((await line.run(['--version'], none)).stdout).toBe('fleetctl version 1.2.3\n')
    for (const argv of [[], ['help'], ['--help'], ['-h']]) {
      const { code, stdout } = await line.run(argv, none)
      expect([code, stdout]).toEqual([0, expect.stringMatching(/1\.2\.3[^]*list-units/)])
    }
    for (const argv of [
      ['help', 'start'],
      ['start', '--help'],
      ['start', '--h'],
      ['help', 'sta' + 'rt'],
    ]) {
      expect((await line.run(argv, none)).stdout).toContain('--block-attempts')
    }
  })

  it('without a cluster says what to do', async () => {
    const { code, stderr } = await line.run(['list-units'], { env: { HOME: line.folder }, programName: 'flota' })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Cannot find a cluster: .*\n.*flota up/)])
  })
})

describe('wrong input', () => {
  const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['strt'], 2, /^Error: unknown command "strt" for "fleetctl"\n\nDid you mean this\?\n\tstart\n\tstop\n\nRun/],
    [['s'], 2, /^Error: unknown command "s" for "fleetctl"\n/],
    [['list-units', '--nonsense'], 2, /nonsense/],
    [['list-units', '--fields', 'foo'], 1, /^Invalid key in output format: "foo"\n/],
    [['list-units', '--fields='], 1, /^Must define output format\n/],
    [['list-machines', '--fields=machine, ip'], 1, /^Invalid key in output format: " ip"\n/],
    [['list-machines', '-o', 'xml'], 1, /^Cannot print as 'xml'/],
    ...['submit', 'load', 'start', 'stop', 'unload', 'destroy'].map(
      (verb) => [[verb], 1, /^No units given\n/] as const,
    ),
    ...['submit', 'load', 'start'].map(
      (verb) =>
        [
          [verb, 'none'],
          1,
          /^Error creating units: unable to find Unit\(none.service\) in Registry or on filesystem\n/,
        ] as const,
    ),
    ...['stop', 'unload', 'destroy'].map((verb) => [[verb, 'none'], 1, /^Units not found in registry\n/] as const),
    [['stop', 'none*'], 1, /^Units not found in registry\n/],
    [['start', 'none*'], 1, /^Error creating units: no unit file matches 'none\*'\n/],
    [
      ['start', 'none@1'],
      1,
      /^Error creating units: failed getting Unit\(none@1.service\) from template: unable to find template Unit\(none@.service\)/,
    ],
    [['start', 'bad name.service'], 1, /invalid character ' ' in unit name/],
    [['start', 'broken'], 1, /^Error creating units: failed getting Unit\(broken.service\) from file: /],
    [['start', 'empty'], 1, /unit does not exist and options field empty/],
    [['start', '--block-attempts=x', 'hello'], 2, /block-attempts/],
    [['cat'], 1, /^One unit file must be provided\n/],
    [['cat', 'a', 'b'], 1, /^One unit file must be provided\n/],
    [['cat', 'none'], 1, /^Unit none.service not found\n/],
    [['status', 'none'], 1, /^Unit none.service does not exist.\n/],
    [['journal'], 1, /^One unit file must be provided.\n/],
    [['journal', 'none'], 1, /^Unit none.service does not exist.\n/],
    [['journal', '-n', 'x', 'hello'], 2, /lines/],
    [['ssh'], 1, /^Unable to proceed: one machine or unit must be provided\n/],
    [['ssh', 'none', 'true'], 1, /^Unable to proceed: could not find matching unit or machine\n/],
    [['ssh', '--machine=a', '--unit=b', 'true'], 1, /^Both machine and unit flags provided/],
    [['why', 'none'], 1, /^Cannot explain unit 'none.service': the cluster does not know it\n/],
    [['why'], 2, /missing required argument/],
    [['route', 'set', 'x', '--units', 'a*', '--port', '99999'], 1, /port '99999' is not a number from 1 to 65535/],
    [['route', 'set', 'x', '--units', 'a*', '--port', '80', '--scheme', 'gopher'], 1, /scheme 'gopher'/],
    [['route', 'set', 'X', '--units', 'a*', '--port', '80'], 1, /Cannot use route name 'X'/],
    [['route', 'rm', 'none'], 1, /Cannot remove route 'none': there is no such route\n$/],
    [['fd-forward', '/nowhere.sock'], 1, /^Cannot connect to socket '\/nowhere.sock'/],
    [['proxy', '--listen', '0.0.0.0:1'], 1, /^Cannot listen on '0.0.0.0:1': it is no loopback address\n/],
    [['proxy', '--listen', 'x'], 1, /^Cannot listen on 'x': it is not ADDRESS:PORT\n/],
    [
      ['--endpoint', 'unix:///nowhere.sock', 'list-units'],
      1,
      /^Error retrieving list of units from repository: Cannot reach the API at 'unix:\/\/\/nowhere.sock': there is no such socket\n/,
    ],
    [
      ['--endpoint', 'http://127.0.0.1:1', 'list-units'],
      1,
      /: Cannot reach the API at 'http:\/\/127.0.0.1:1': connection refused\n/,
    ],
    [['list-units', '-endpoint=nonsense'], 1, /^Unable to initialize client: URL scheme undefined\n$/],
    [
      ['--endpoint', 'unix://var/run/x', 'list-units'],
      1,
      /^Unable to initialize client: unable to connect to host "var" with scheme "unix"\n$/,
    ],
    [['--tunnel', '-oProxyCommand=x', 'list-units'], 1, /^Cannot use tunnel/],
    [['--request-timeout', 'x', 'list-units'], 1, /^Cannot use --request-timeout 'x'/],
  ]

  it.each(rows)('%j ends with %i, says why and changes nothing', async (argv, code, words) => {
    await file('broken.service', '[Service\n')
    await file('empty.service', '# nothing\n')
    const before = await revision()
    const env = { HOME: line.folder, XDG_RUNTIME_DIR: line.folder }
    const isElsewhere = argv.some((word) => word.includes('endpoint') || word.includes('tunnel'))
    const ran = await line.run(argv, isElsewhere ? { env } : {})
    expect(ran.stderr).toMatch(words)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect(await revision()).toBe(before)
  })

  it('--context of a cluster that is not there names those that are', async () => {
    const { code, stderr } = await line.run(['--context', 'nope', 'list-units'], { env: { HOME: line.folder } })
    expect([code, stderr]).toEqual([1, expect.stringContaining("Cannot use context 'nope'")])
  })
})

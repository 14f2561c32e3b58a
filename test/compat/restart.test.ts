import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseMachineId } from '../../src/machine/machine.ts'
import { codecs } from '../../src/store/codec.ts'
import { keys } from '../../src/store/keys.ts'
import { parseUnitName } from '../../src/unit/unit-name.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  cluster.live()
  await writeFile(join(line.folder, 'hello.service'), '[Service]\nExecStart=/bin/sleep 3600\n')
  await writeFile(join(line.folder, 'every.service'), '[Service]\nExecStart=/bin/true\n[X-Fleet]\nGlobal=true\n')
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const run = (...argv: string[]) => line.run(argv, { programName: 'flota' })
const where = '13135a8d.../10.77.0.11'

async function generationOf(name: string): Promise<number> {
  const key = keys.unit(parseUnitName(name))
  return codecs.unit.decode((await cluster.store.read({ key })).entries[0]?.value ?? '', key).generation
}

describe('flota restart', () => {
  it('asks for a new start of a launched unit and waits for it', async () => {
    await run('start', 'hello')
    const before = await generationOf('hello.service')
    expect(await run('restart', 'hello')).toEqual({
      code: 0,
      stdout: `Unit hello.service launched on ${where}\n`,
      stderr: '',
    })
    expect(await generationOf('hello.service')).toBe(before + 1)
    const key = keys.state(parseMachineId('13135a8d34da09b98cde21be81866ed7'), parseUnitName('hello.service'))
    const state = codecs.state.decode((await cluster.store.read({ key })).entries[0]?.value ?? '', key)
    expect(state).toMatchObject({ generation: before + 1, active: 'active' })
  })

  it('starts a unit that is loaded, as fleetctl does', async () => {
    await run('load', 'hello')
    expect((await run('restart', 'hello')).stdout).toBe(`Unit hello.service launched on ${where}\n`)
  })

  it('takes globs, and says what it cannot restart', async () => {
    await run('start', 'hello')
    await writeFile(join(line.folder, 'held.service'), '[Service]\nExecStart=/bin/true\n')
    await run('submit', 'held')
    const { code, stdout, stderr } = await run('restart', 'he*')
    expect([code, stdout]).toEqual([1, `Unit hello.service launched on ${where}\n`])
    expect(stderr).toBe('Unable to restart unit held.service in state inactive\n')
  })

  it('--no-block and global units are triggered only', async () => {
    await run('start', 'hello', 'every')
    expect((await run('restart', '--no-block', 'hello', 'every')).stdout).toBe(
      'Triggered unit hello.service restart\nTriggered global unit every.service restart\n',
    )
    expect(await generationOf('every.service')).toBe(2)
  })

  it.each([
    ['nothing', [], /^No units given\n/],
    ['a name that nobody knows', ['none'], /^Error creating units: unable to find Unit\(none.service\)/],
    ['a glob that matches nothing', ['none*'], /^Units not found in registry\n/],
  ])('refuses %s', async (_title, args, words) => {
    const { code, stderr } = await run('restart', ...args)
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)])
  })
})

describe('POST /flota/v1/units/NAME/restart', () => {
  const post = async (name: string, body?: string, type = 'application/json') => {
    const { statusCode, body: text } = await cluster.api.inject({
      method: 'POST',
      url: `/flota/v1/units/${name}/restart`,
      ...(body === undefined ? {} : { payload: body, headers: { 'content-type': type } }),
    })
    return [statusCode, JSON.parse(text)] as const
  }

  it('raises the generation, and twice from the same one only once', async () => {
    await run('start', 'hello')
    expect(await post('hello.service')).toEqual([200, { name: 'hello.service', generation: 2 }])
    expect(await post('hello.service', '{"after":2}')).toEqual([200, { name: 'hello.service', generation: 3 }])
    expect(await post('hello.service', '{"after":2}')).toEqual([200, { name: 'hello.service', generation: 3 }])
  })

  it('refuses what is not launched, not known or not understood, and changes nothing', async () => {
    await run('load', 'hello')
    expect(await post('hello.service')).toEqual([
      409,
      {
        error: {
          code: 409,
          message: "Cannot restart unit 'hello.service': it is wanted loaded, not launched",
          hint: "'flota start hello.service' starts it",
        },
      },
    ])
    expect((await post('none.service'))[0]).toBe(404)
    expect((await post('hello.service', '{"after":"x"}'))[0]).toBe(400)
    expect((await post('hello.service', '{}', 'text/plain'))[0]).toBe(415)
    expect((await cluster.api.inject({ method: 'GET', url: '/flota/v1/units/hello.service/restart' })).statusCode).toBe(
      405,
    )
    expect(await generationOf('hello.service')).toBe(0)
  })
})

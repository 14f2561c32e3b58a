import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { flota, flotaOk, run } from './flota.ts'
import { hostTraces } from './host-traces.ts'

const root = new URL('../..', import.meta.url).pathname
const up = ['up', '--name', 'cut', '--machines', '2', '--range', '10.81.0.0/24']
const userData = ['--user-data', 'examples/nano-container/cloud-config']

afterAll(async () => {
  await flota(['down', '--name', 'cut'])
})

/** Starts `flota up` and kills it the hard way after some time. */
async function upKilledAfter(ms: number): Promise<void> {
  const child = spawn(process.execPath, ['bin/flota.js', ...up, ...userData], { cwd: root, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.kill('SIGKILL')
  await ended
}

it.each([300, 1_500, 3_000, 5_000])('an up killed after %i ms is removed by down without a trace', async (ms) => {
  const before = await hostTraces()
  await upKilledAfter(ms)
  await flotaOk(['down', '--name', 'cut'])
  const left = (await hostTraces()).filter((trace) => !before.includes(trace))
  expect(left).toEqual([])
})

it('an up killed twice is finished by the next up; one more up is quick; another cluster is not touched', async () => {
  await upKilledAfter(2_000)
  await upKilledAfter(2_500)
  await flotaOk([...up, ...userData], { withinMs: 120_000 })
  const { stdout } = await flota(['list-machines', '--no-legend'], { env: { FLOTA_CONTEXT: 'cut' } })
  expect(stdout.trim().split('\n')).toHaveLength(2)
  const again = await run(process.execPath, ['bin/flota.js', ...up, ...userData])
  expect(again.code).toBe(0)
  console.log(`a second up of a whole cluster took ${(again.ms / 1_000).toFixed(1)} s`)
  expect((await flotaOk(['list-machines', '--no-legend'])).trim().split('\n')).toHaveLength(4)
})

it('an address range in use is refused in one sentence, and nothing changes', async () => {
  const before = await hostTraces()
  const { code, stderr } = await flota(['up', '--name', 'other', '--range', '10.79.0.0/24'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/10\.79\.0/)
  expect((await hostTraces()).filter((trace) => !before.includes(trace))).toEqual([])
})

it('a test run that is killed leaves nothing: its janitor removes its clusters', async () => {
  const before = await hostTraces()
  const scratch = await mkdtemp(join(tmpdir(), 'flota-test-'))
  const env = { FLOTA_STATE_DIR: join(scratch, 'state'), XDG_CONFIG_HOME: join(scratch, 'config') }
  const janitor = spawn(process.execPath, ['scripts/janitor.mjs', scratch], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => janitor.on('exit', resolve))
  const place = ['--name', 'killed', '--machines', '1', '--range', '10.83.0.0/24']
  await flotaOk(['up', ...place, '--user-data', 'test/e2e/fixtures/one-machine.cloud-config'], {
    env,
    withinMs: 120_000,
  })
  janitor.stdin.destroy()
  await ended
  expect((await hostTraces()).filter((trace) => !before.includes(trace))).toEqual([])
})

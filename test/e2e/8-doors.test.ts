import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { unitsOf } from './cluster-look.ts'
import { flota, flotaOk, run, waitFor } from './flota.ts'

const root = new URL('../..', import.meta.url).pathname
const unit = 'nano-container@1.service'

it('flota ssh works without a terminal, passes input on, and gives the exit code of the command', async () => {
  const machine = (await unitsOf()).find((row) => row.unit === unit)?.machine ?? ''
  expect((await flota(['ssh', machine.slice(0, 8), 'exit 7'])).code).toBe(7)
  expect(await flotaOk(['ssh', unit, 'cat'], { input: 'through and back' })).toBe('through and back')
})

it("flota status and journal show systemd's own words", async () => {
  expect(await flotaOk(['status', unit])).toContain('Active: active (running)')
  expect((await flota(['journal', '--lines', '20', unit])).stdout).toMatch(/Remote address: .*, Protocol: HTTP/)
})

it('flota logs merges what instances on several machines say, without being told where they are', async () => {
  const lines = (await flotaOk(['logs', 'nano-container@*', '-n', '100'])).split('\n')
  const sources = new Set(lines.flatMap((line) => /nano-container@[0-9]/.exec(line)?.[0] ?? []))
  expect([...sources].toSorted()).toEqual(['nano-container@1', 'nano-container@2', 'nano-container@3'])
})

it('flota restart gives a unit a new main process on the same machine', async () => {
  await flotaOk(['start', 'test/e2e/fixtures/hello.service'])
  const look = async () => {
    const row = (await unitsOf()).find(({ unit: name }) => name === 'hello.service')
    return { machine: row?.machine, pid: await flotaOk(['ssh', 'hello', 'systemctl show --value -p MainPID hello']) }
  }
  const before = await look()
  await flotaOk(['restart', 'hello'])
  const after = await look()
  expect(after.machine).toBe(before.machine)
  expect(after.pid).not.toBe(before.pid)
  await flotaOk(['destroy', 'hello'])
})

it('flota proxy serves the API of the cluster on the loopback address until it is stopped', async () => {
  const proxy = spawn(process.execPath, ['bin/flota.js', 'proxy', '--listen', '127.0.0.1:18480'], { cwd: root })
  try {
    await once(proxy.stdout, 'data')
    const answer = await fetch('http://127.0.0.1:18480/fleet/v1/machines')
    const body = (await answer.json()) as { readonly machines: readonly unknown[] }
    expect(answer.status).toBe(200)
    expect(body.machines).toHaveLength(4)
  } finally {
    proxy.kill('SIGTERM')
    await once(proxy, 'exit')
  }
})

it('called as fleetctl, on a machine, it lists what flota lists from the host', async () => {
  const onMachine = await flotaOk(['ssh', unit, 'fleetctl', 'list-units', '--no-legend', '--fields', 'unit'])
  expect(onMachine).toBe(await flotaOk(['list-units', '--no-legend', '--fields', 'unit']))
})

it('only root and the group flota reach the socket', async () => {
  const { code } = await flota(['ssh', unit, 'sudo -u nobody fleetctl list-units'])
  expect(code).toBe(1)
})

it('Ctrl-C ends a command that waits, here and on the machine', async () => {
  const child = spawn(process.execPath, ['bin/flota.js', 'journal', '-f', unit], { cwd: root, detached: true })
  await once(child.stdout, 'data')
  // What a terminal does: the signal goes to the whole group.
  process.kill(-(child.pid ?? 0), 'SIGINT')
  await once(child, 'exit')
  await waitFor(
    'the end of journalctl',
    async () => ((await run('pgrep', ['-f', `journalctl.*${unit}`])).stdout === '' ? true : undefined),
    10_000,
  )
})

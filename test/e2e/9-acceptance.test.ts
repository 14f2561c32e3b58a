import { afterEach, expect, it } from 'vitest'
import { machinesOf, runs, type UnitRow, unitsOf } from './cluster-look.ts'
import { flota, flotaOk, run, waitFor } from './flota.ts'
import { clusterName } from './cluster.ts'
import { clusterFile } from './power.ts'

/** Rows of docs/acceptance.md that need real machines; the bounds are fleet's: 15 s. */
const withinMs = 15_000
const hello = 'test/e2e/fixtures/hello.service'
const discovery = 'test/e2e/fixtures/discovery.service'
const batch = Array.from({ length: 10 }, (_, index) => `test/e2e/fixtures/hello@${index + 1}.service`)

afterEach(async () => {
  await waitFor('control', async () => ((await flota(['list-machines'])).code === 0 ? true : undefined), 60_000)
  await flota(['destroy', 'hello.service', 'discovery.service', 'hello@*'])
})

const reach = (what: string, look: () => Promise<boolean>) =>
  waitFor(what, async () => ((await look()) ? true : undefined), withinMs)

const rowOf = async (unit: string): Promise<UnitRow | undefined> => (await unitsOf()).find((row) => row.unit === unit)

it('A9 ssh, status and journal reach the machine of a unit', async () => {
  await flotaOk(['start', '--no-block', hello])
  await reach('hello', async () => (await rowOf('hello.service'))?.active === 'active')
  expect(await flotaOk(['ssh', 'hello.service', 'echo', 'foo'])).toBe('foo\n')
  expect(await flotaOk(['status', 'hello.service'])).toContain('Active: active')
  await reach('a line', async () => (await flotaOk(['journal', '--sudo', 'hello.service'])).includes('Hello, World!'))
})

it('A11 status of a loaded unit says so', async () => {
  await flotaOk(['load', hello])
  const { stdout } = await flota(['status', 'hello.service'])
  expect(stdout).toContain('Loaded: loaded')
})

it('A31 a unit that another one wants starts and stops with it', async () => {
  await flotaOk(['load', hello, discovery])
  const active = async () => {
    const { stdout } = await flota([
      'ssh',
      'discovery.service',
      'systemctl',
      'show',
      '-p',
      'ActiveState',
      'discovery.service',
    ])
    return stdout.trim()
  }
  await reach('discovery loaded', async () => (await active()) === 'ActiveState=inactive')
  await flotaOk(['start', 'hello.service'])
  await reach('discovery active', async () => (await active()) === 'ActiveState=active')
  await flotaOk(['stop', 'hello.service'])
  await reach('discovery inactive', async () => (await active()) === 'ActiveState=inactive')
})

it('A34 a batch of units is scheduled through a tunnel', async () => {
  const [machine] = await machinesOf()
  const tunnel = ['--tunnel', machine?.ip ?? '', '--strict-host-key-checking=false']
  const agent = await startAgent()
  try {
    const first = await flota([...tunnel, 'start', hello], { env: agent.env })
    const rest = await flota([...tunnel, 'start', ...batch], { env: agent.env, withinMs: 120_000 })
    expect(first.stderr + rest.stderr).not.toContain('Error')
    await reach(
      'eleven',
      async () => (await unitsOf()).filter((u) => /^hello/.test(u.unit) && u.active === 'active').length === 11,
    )
  } finally {
    await agent.stop()
  }
})

it('A30 losing the store everywhere for longer than the lease stops, restarts and moves nothing', async () => {
  await flotaOk(['start', hello])
  await flotaOk(['load', 'test/e2e/fixtures/hello@1.service'])
  const before = await runs()
  const loaded = (await rowOf('hello@1.service'))?.machine ?? ''
  const machines = await machinesOf()
  const rule = ['OUTPUT', '-p', 'tcp', '-m', 'multiport', '--dports', '2379,2380,4001', '-j', 'REJECT']
  const everywhere = (action: '-I' | '-D') =>
    Promise.all(machines.map(({ ip }) => sshOk(ip, ['sudo', 'iptables', action, ...rule])))
  await everywhere('-I')
  try {
    await new Promise((resolve) => setTimeout(resolve, leaseMs + 7_000))
    expect((await flota(['list-units'])).code).toBe(1)
    const ip = machines.find(({ machine }) => machine === loaded)?.ip ?? ''
    expect((await sshOk(ip, ['systemctl', 'is-enabled', 'hello@1.service'])).trim()).toBe('linked-runtime')
  } finally {
    await everywhere('-D')
  }
  await waitFor('control', async () => ((await machinesOf()).length === 4 ? true : undefined), 60_000)
  await waitFor(
    'every unit',
    async () => (Object.keys(await runs()).length === Object.keys(before).length ? true : undefined),
    30_000,
  )
  expect(await runs()).toEqual(before)
})

const leaseMs = 8_000

/** Without the API, which is away: straight to the machine. */
async function sshOk(ip: string, command: readonly string[]): Promise<string> {
  const file = (name: string) => clusterFile(clusterName, `ssh/${name}`)
  const options = ['-i', file('id_ed25519'), '-o', `UserKnownHostsFile=${file('known_hosts')}`, '-o', 'BatchMode=yes']
  const { code, stdout, stderr } = await run('ssh', [...options, `core@${ip}`, ...command])
  // is-enabled(1) tells of a linked unit with code 1.
  if (code !== 0 && stdout === '') throw new Error(`ssh ${ip} ${command.join(' ')} ended with ${code}\n${stderr}`)
  return stdout
}

/** An SSH agent with the cluster's key, as a user of fleetctl had it. */
async function startAgent() {
  const { stdout } = await run('ssh-agent', ['-s'])
  const [socket = '', pid = ''] = [
    /SSH_AUTH_SOCK=([^;]+)/.exec(stdout)?.[1],
    /SSH_AGENT_PID=([0-9]+)/.exec(stdout)?.[1],
  ]
  const env = { SSH_AUTH_SOCK: socket, SSH_AGENT_PID: pid }
  await run('ssh-add', [clusterFile(clusterName, 'ssh/id_ed25519')], { env })
  return { env, stop: () => run('ssh-agent', ['-k'], { env }) }
}

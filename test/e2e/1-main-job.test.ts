import { connect } from 'node:http2'
import { expect, inject, it } from 'vitest'
import { balancerAddress, machinesOf, onMachine, unitsOf } from './cluster-look.ts'
import { flotaOk } from './flota.ts'

const instances = ['nano-container@1.service', 'nano-container@2.service', 'nano-container@3.service']

it('npm start ends with the tables, the URL, both times and three next commands', () => {
  const { stdout, ms } = inject('start')
  for (const word of ['MACHINE', 'UNIT', 'NAME', 'https://', 'seconds']) expect(stdout).toContain(word)
  expect(stdout.split('\n').filter((line) => /^\s+(flota|curl|npm) /.test(line)).length).toBeGreaterThanOrEqual(3)
  console.log(`npm start took ${(ms / 1000).toFixed(1)} s`)
})

it('four machines, one instance each on three of them, the balancer on the fourth', async () => {
  const machines = await machinesOf()
  expect(machines).toHaveLength(4)
  const units = await unitsOf()
  const placed = instances.map((name) => units.find((unit) => unit.unit === name))
  for (const unit of placed) expect(unit).toMatchObject({ active: 'active', sub: 'running' })
  const homes = new Set(placed.map((unit) => unit?.machine))
  expect(homes.size).toBe(3)
  const balancer = units.find((unit) => unit.unit === 'balancer.service')
  expect(balancer).toMatchObject({ active: 'active', sub: 'running' })
  expect(homes).not.toContain(balancer?.machine)
})

it("three etcd members whose cluster was formed with this run's discovery token; the fourth machine is their client", async () => {
  const machines = await machinesOf()
  const states = await Promise.all(
    machines.map(({ machine }) =>
      onMachine(machine, ['systemctl', 'is-active', 'etcd2.service']).catch(() => 'inactive'),
    ),
  )
  expect(states.filter((state) => state.trim() === 'active')).toHaveLength(3)
  const member = machines[states.findIndex((state) => state.trim() === 'active')]
  const list = await onMachine(member?.machine ?? '', ['etcdctl', 'member', 'list', '-w', 'json'])
  const { members } = JSON.parse(list) as { members: readonly { name: string; peerURLs: readonly string[] }[] }
  expect(members).toHaveLength(3)
  const token = await onMachine(member?.machine ?? '', [
    'grep',
    'DISCOVERY',
    '/run/systemd/system/etcd2.service.d/20-cloudinit.conf',
  ])
  expect(token).toMatch(/\/[0-9a-f]{32}"/)
})

it('answers the JSON over HTTP/2; 300 requests reach all three instances and none fails', async () => {
  const session = connect(`https://${await balancerAddress()}`, { rejectUnauthorized: false })
  const servers = new Map<string, number>()
  try {
    for (let i = 0; i < 300; i++) {
      const { status, body, servedBy } = await get(session)
      expect(status).toBe(200)
      expect(JSON.parse(body)).toEqual({ platform: 'docker', language: 'typescript', result: 'bazinga!' })
      servers.set(servedBy, (servers.get(servedBy) ?? 0) + 1)
    }
  } finally {
    session.close()
  }
  console.log('300 answers over HTTP/2, by server:', Object.fromEntries(servers))
  expect(servers.size).toBe(3)
})

it('flota routes -o json lists name, url, units, healthy and total', async () => {
  const routes: unknown = JSON.parse(await flotaOk(['routes', '-o', 'json']))
  expect(routes).toEqual([
    {
      name: 'nano',
      url: `https://${await balancerAddress()}/`,
      units: ['nano-container@*.service'],
      healthy: 3,
      total: 3,
    },
  ])
})

interface Answer {
  readonly status: number
  readonly body: string
  readonly servedBy: string
}

function get(session: ReturnType<typeof connect>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = session.request({ ':path': '/' })
    let status = 0
    let servedBy = ''
    let body = ''
    request.on('response', (headers) => {
      status = Number(headers[':status'])
      servedBy = String(headers['x-served-by'])
    })
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('error', reject)
    request.on('end', () => resolve({ status, body, servedBy }))
    request.end()
  })
}

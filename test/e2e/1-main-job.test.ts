import { readFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { clusterIdOf } from '../../src/discovery/cluster-id.ts'
import { clusterFolder, hostFolders } from '../../src/platform/local/folders.ts'
import { readRecord } from '../../src/platform/record.ts'
import { balancerAddress, machinesOf, onMachine, unitsOf } from './cluster-look.ts'
import { clusterName } from './cluster.ts'
import { flotaOk } from './flota.ts'

const instances = ['nano-container@1.service', 'nano-container@2.service', 'nano-container@3.service']

it('npm start ends with the tables, the URL, both times and three next commands', () => {
  const stdout = inject('startOutput')
  for (const word of ['MACHINE', 'UNIT', 'NAME', 'https://', 'seconds']) expect(stdout).toContain(word)
  expect(stdout.split('\n').filter((line) => /^\s+(flota|curl|npm) /.test(line)).length).toBeGreaterThanOrEqual(3)
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
  const homes = machines.filter((_, at) => states[at]?.trim() === 'active')
  expect(homes).toHaveLength(3)
  const [home] = homes
  const answer = await onMachine(home?.machine ?? '', ['etcdctl', 'member', 'list', '-w', 'json'])
  const list = readMembers(answer)
  expect(list.peerUrls).toEqual(homes.map(({ ip }) => `http://${ip}:2380`).toSorted())

  const folder = clusterFolder(hostFolders(process.env), clusterName)
  const discoveryUrl = (await readRecord(folder))?.discoveryUrl ?? ''
  const log = await readFile(join(folder, 'discovery.log'), 'utf8')
  const registrations = log.split('\n').filter((line) => line.includes('Member registered '))
  for (const url of list.peerUrls) expect(registrations.filter((line) => line.includes(url))).toHaveLength(1)
  const members = list.peerUrls.map((url, index) => ({ id: '', name: '', index, peerUrls: [url] }))
  expect(list.clusterId).toBe(clusterIdOf(discoveryUrl, { size: 3, members, late: [] }))
  const dropIn = '/run/systemd/system/etcd2.service.d/20-cloudinit.conf'
  expect(await onMachine(home?.machine ?? '', ['grep', 'DISCOVERY', dropIn])).toContain(discoveryUrl)
  console.log(`etcd cluster ${list.clusterId} of ${discoveryUrl}\n${registrations.join('\n')}`)
})

/** Cluster ids have 64 bits, more than JSON.parse keeps. */
function readMembers(json: string): { readonly clusterId: string; readonly peerUrls: readonly string[] } {
  const id = /"cluster_id":(\d+)/.exec(json)?.[1] ?? '0'
  const { members } = JSON.parse(json) as { members: readonly { peerURLs: readonly string[] }[] }
  return {
    clusterId: BigInt(id).toString(16).padStart(16, '0'),
    peerUrls: members.flatMap(({ peerURLs }) => peerURLs).toSorted(),
  }
}

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

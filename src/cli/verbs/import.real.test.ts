import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { CommandLine } from '../../../test/compat/command-line.ts'
import { InProcessCluster } from '../../../test/compat/in-process-cluster.ts'
import type { EtcdCluster } from '../../../test/real/etcd.ts'
import { startEtcd } from '../../../test/real/etcd.ts'
import { flattenEtcd2 } from '../../import/etcd2-tree.ts'

const fixture = readFileSync(new URL('../../../test/fixtures/fleet-keyspace.json', import.meta.url), 'utf8')

let etcd: EtcdCluster
let cluster: InProcessCluster
let line: CommandLine

beforeAll(async () => {
  etcd = await startEtcd(1, ['--enable-v2'])
  for (const [key, value] of flattenEtcd2(fixture, 'fixture')) {
    const url = `${etcd.members[0]?.clientUrl}/v2/keys${key}`
    const answer = await fetch(url, { method: 'PUT', body: new URLSearchParams({ value }) })
    expect(answer.status).toBe(201)
  }
})
afterAll(() => etcd.stop())

beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

describe('flota import --from-etcd2', () => {
  it("takes a fleet's units over from a running etcd, once", async () => {
    const [url = ''] = etcd.clientUrls
    const plan = await line.run(['import', '--from-etcd2', `http://127.0.0.1:1,${url}/`])
    expect([plan.code, plan.stdout.split('\n').at(-2)]).toEqual([0, 'Nothing was written. With --yes: 7 writes'])
    expect(await line.run(['import', '--from-etcd2', url, '--yes'])).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await line.run(['list-unit-files', '--no-legend', '--fields', 'unit,dstate'])
    expect(stdout.replaceAll(/\t+/g, ' ')).toBe(
      'a.service launched\nb.service launched\nc.service loaded\ng.service launched\nn.service launched\nof.service launched\nt@.service inactive\n',
    )
    expect((await line.run(['import', '--from-etcd2', url, '--yes'])).stdout).toContain('Nothing to do\n')
  })

  it('says so when fleet kept nothing there', async () => {
    const { code, stderr } = await line.run(['import', '--from-etcd2', etcd.clientUrls[0] ?? '', '--key-prefix', '/x'])
    expect([code, stderr]).toEqual([1, expect.stringContaining("there is no '/x/'")])
  })

  it('says so when etcd does not serve the API v2', async () => {
    const plain = await startEtcd()
    try {
      const { code, stderr } = await line.run(['import', '--from-etcd2', plain.clientUrls[0] ?? ''])
      expect([code, stderr]).toEqual([1, expect.stringContaining('it does not serve the API v2')])
    } finally {
      await plain.stop()
    }
  })
})

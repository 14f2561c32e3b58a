import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildChild, type ChildProgram } from '../../../test/real/child-program.ts'
import { startEtcd, type EtcdCluster } from '../../../test/real/etcd.ts'
import { waitFor } from '../../../test/real/wait-for.ts'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { keys } from '../keys.ts'
import { createEtcdStore } from './etcd-store.ts'

const ttlSeconds = 2
const place = `${keys.scheduleOf('a'.repeat(32) as never)}web.service`

describe('a leader that was frozen past its lease', () => {
  let program: ChildProgram
  let cluster: EtcdCluster

  beforeAll(async () => {
    ;[program, cluster] = await Promise.all([buildChild('test/real/leader-candidate.ts'), startEtcd()])
  })
  afterAll(async () => {
    await program.dispose()
    await cluster.stop()
  })

  test('has its late write refused, because another leads by then', async () => {
    const [endpoint = ''] = cluster.clientUrls
    const store = createEtcdStore({ endpoints: [endpoint], clock: realClock, log: silentLog })
    const start = (machine: string) => program.start(endpoint, machine.repeat(32), ttlSeconds.toString())
    const leaderKey = async () => (await store.read({ key: keys.leader })).entries[0]

    const old = start('a')
    await waitFor('the first leader', () => old.lines.includes('leader committed'))
    old.send(place)
    await waitFor('its first write', () => old.lines.includes(`${place} committed`))
    const first = await leaderKey()

    old.signal('SIGSTOP')
    await waitFor('the end of its lease', async () => (await leaderKey()) === undefined)
    const next = start('b')
    await waitFor('the next leader', () => next.lines.includes('leader committed'))
    next.send(place)
    await waitFor('its write', () => next.lines.includes(`${place} committed`))

    // Waiting in its input while it is frozen: the first thing it does when it goes on, before it could learn anything.
    old.send(place)
    old.signal('SIGCONT')
    await waitFor('the late write', () => old.lines.includes(`${place} conflict`))
    await waitFor('its word on the lease', () => old.lines.at(-1) === 'renewed false')
    expect((await store.read({ key: place })).entries).toMatchObject([{ value: 'b'.repeat(32) }])
    expect((await leaderKey())?.createRevision).not.toBe(first?.createRevision)
    await store.close()
  })
})

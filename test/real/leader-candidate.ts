import { createInterface } from 'node:readline'
import { realClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { codecs } from '../../src/store/codec.ts'
import { createEtcdStore } from '../../src/store/etcd/etcd-store.ts'
import { keys } from '../../src/store/keys.ts'

/** Takes the leader key under a lease, says so, and makes one fenced commit for each line it is sent: it does not look again first. */
const [endpoint = '', machine = '', ttlSeconds = ''] = process.argv.slice(2)
const store = createEtcdStore({ endpoints: [endpoint], clock: realClock, log: silentLog })
const lease = await store.grantLease(Number(ttlSeconds))
const value = codecs.leader.encode({ machine: parseMachineId(machine), version: 'test' })
const { kind, revision } = await store.commit({
  compares: [{ key: keys.leader, createRevision: 0n }],
  operations: [{ kind: 'put', key: keys.leader, value, lease }],
})
process.stdout.write(`leader ${kind}\n`)

for await (const key of createInterface(process.stdin)) {
  const result = await store.commit({
    compares: [{ key: keys.leader, createRevision: revision }],
    operations: [{ kind: 'put', key, value: machine }],
  })
  process.stdout.write(`${key} ${result.kind}\n`)
  process.stdout.write(`renewed ${await store.renewLease(lease)}\n`)
}
await store.close()

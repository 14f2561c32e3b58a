import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestApi } from '../../src/api/test-api.ts'
import { listMachines, listStates, listUnits } from '../../src/client/calls.ts'
import { unixClient } from '../../src/client/direct-client.ts'
import { realClock } from '../../src/lib/clock.ts'
import { parseMachineId } from '../../src/machine/machine.ts'
import { codecs } from '../../src/store/codec.ts'
import { keys } from '../../src/store/keys.ts'
import type { Operation } from '../../src/store/store.ts'
import { hashUnitText } from '../../src/unit/hash.ts'
import { parseUnitName } from '../../src/unit/unit-name.ts'

const unitCount = 1_000
const machines = ['a', 'b', 'c', 'd'].map((letter) => parseMachineId(letter.repeat(32)))

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let api: TestApi
beforeAll(async () => {
  api = await TestApi.listen()
  for (let index = 0; index < unitCount; index++) await api.store.commit({ operations: unitOn(index) })
  await api.store.commit({ operations: machines.flatMap(present) })
})
afterAll(() => api.close())

function present(machine: (typeof machines)[number]): readonly Operation[] {
  const record = { nonce: 'n', firstSeen: '', publicIp: '10.0.0.1', metadata: {}, version: '1' }
  return [
    { kind: 'put', key: keys.machineRecord(machine), value: codecs.record.encode(record) },
    {
      kind: 'put',
      key: keys.machinePresence(machine),
      value: codecs.presence.encode({ bootId: 'b', isReady: true, nonce: 'n' }),
    },
  ]
}

function unitOn(index: number): readonly Operation[] {
  const unit = parseUnitName(`sleep@${index}.service`)
  const machine = machines[index % machines.length] ?? parseMachineId('e'.repeat(32))
  const text = `[Service]\nExecStart=/bin/sleep ${index % 10}\n`
  const wanted = { hash: hashUnitText(text), desired: 'launched', generation: 1 } as const
  const state = { load: 'loaded', active: 'active', sub: 'running', hash: wanted.hash, generation: 1, since: '' }
  return [
    { kind: 'put', key: keys.file(wanted.hash), value: text },
    { kind: 'put', key: keys.unit(unit), value: codecs.unit.encode(wanted) },
    {
      kind: 'put',
      key: keys.schedule(machine, unit),
      value: codecs.schedule.encode({ ...wanted, phase: 'placed', reason: 'r' }),
    },
    { kind: 'put', key: keys.state(machine, unit), value: codecs.state.encode(state) },
  ]
}

it('lists of 1,000 units are quick, and paging through them takes no memory that stays', async () => {
  const client = unixClient(api.socketPath, { clock: realClock, timeoutMs: 5_000 })
  const timesMs: number[] = []
  const listAll = async () => {
    const startMs = performance.now()
    const [states, present] = await Promise.all([listStates(client), listMachines(client)])
    timesMs.push(performance.now() - startMs)
    const units = await listUnits(client)
    expect([states.length, present.length, units.length]).toEqual([unitCount, machines.length, unitCount])
  }
  const heapAfter = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) await listAll()
    collectGarbage()
    return process.memoryUsage().heapUsed / 1e6
  }
  const before = await heapAfter(10)
  const after = await heapAfter(40)
  const first = timesMs[0] ?? 0
  const median = timesMs.toSorted((a, b) => a - b)[Math.floor(timesMs.length / 2)] ?? 0
  client.close()
  const times = `first ${first.toFixed(0)} ms, median ${median.toFixed(0)} ms`
  console.log(`list-units of ${unitCount}: ${times}; heap ${before.toFixed(1)} -> ${after.toFixed(1)} MB`)
  expect(after - before).toBeLessThan(5)
  // The promise is 300 ms; the bound allows for a machine that does other work.
  expect(median).toBeLessThan(1_000)
}, 60_000)

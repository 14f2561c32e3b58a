import { realClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'

/** Writers that count up until they are killed. Each commit changes two keys; a line tells what was acknowledged. */
const [directory = '', writers = '8'] = process.argv.slice(2)
const store = await openEmbeddedStore({ directory, clock: realClock, log: silentLog })
const lease = await store.grantLease(3_600)

async function countForever(writer: number): Promise<never> {
  const key = `/count/${writer}`
  const { entries } = await store.read({ key })
  for (let count = Number(entries[0]?.value ?? 0) + 1; ; count += 1) {
    const value = count.toString()
    const twin = { kind: 'put', key: `/twin/${writer}`, value: value.padEnd(500), lease } as const
    const { revision } = await store.commit({ operations: [{ kind: 'put', key, value }, twin] })
    process.stdout.write(`${writer} ${value} ${revision.toString()}\n`)
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => countForever(writer)))

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { describeStoreContract } from '../../../test/contract/store-contract.ts'
import { openEmbeddedStore } from './embedded-store.ts'

const maxRevisions = 400

describeStoreContract('embedded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flota-embedded-'))
  const store = await openEmbeddedStore({
    directory,
    clock: realClock,
    log: silentLog,
    history: { maxRevisions, maxChars: 100_000_000 },
  })
  return {
    store,
    compact: async () => {
      const puts = Array.from({ length: maxRevisions }, (_, index) =>
        store.commit({ operations: [{ kind: 'put', key: '/compact', value: index.toString() }] }),
      )
      await Promise.all(puts)
    },
    dispose: async () => {
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
})

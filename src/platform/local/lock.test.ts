import { expect, it } from 'vitest'
import { lockCluster, tryLock } from './lock.ts'

const name = `test-${process.pid}`

it('is held by one at a time, and the other is told by whom', async () => {
  const lock = await lockCluster(name)
  await expect(lockCluster(name)).rejects.toThrow(`another flota (process ${process.pid}) is at it`)
  expect(await tryLock(name)).toBeUndefined()
  lock.release()
  const next = await lockCluster(name)
  next.release()
})

it('does not hold another cluster', async () => {
  const [a, b] = await Promise.all([lockCluster(`${name}-a`), lockCluster(`${name}-b`)])
  a.release()
  b.release()
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findEndpoints, readEndpoints, writeEndpoints } from './endpoints.ts'

const member = 'http://10.0.0.1:2379'
const yes = () => Promise.resolve(true)
const no = () => Promise.resolve(false)

describe('findEndpoints', () => {
  it('takes the own member first and the remembered ones behind it', async () => {
    const found = await findEndpoints({ answers: yes, remembered: [member], discovered: undefined })
    expect(found).toEqual(['http://127.0.0.1:2379', member])
  })

  it('takes what it remembers when it runs no member, without asking discovery', async () => {
    const discovered = () => Promise.reject(new Error('discovery is gone'))
    expect(await findEndpoints({ answers: no, remembered: [member], discovered })).toEqual([member])
  })

  it('asks the members behind the discovery URL when it is new', async () => {
    const discovered = () => Promise.resolve([member, member])
    expect(await findEndpoints({ answers: no, remembered: [], discovered })).toEqual([member])
  })

  it.each([
    ['there is no discovery URL', undefined],
    ['nobody registered yet', () => Promise.resolve([])],
  ])('says what to do when %s', async (_title, discovered) => {
    await expect(findEndpoints({ answers: no, remembered: [], discovered })).rejects.toThrow('Cannot find etcd')
  })
})

describe('the endpoints file', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flota-endpoints-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('gives back what was written', async () => {
    const file = join(directory, 'new', 'endpoints.json')
    await writeEndpoints(file, [member])
    expect(await readEndpoints(file)).toEqual([member])
  })

  it('is empty when missing or damaged', async () => {
    expect(await readEndpoints(join(directory, 'none'))).toEqual([])
    await writeFile(join(directory, 'half'), '["http')
    expect(await readEndpoints(join(directory, 'half'))).toEqual([])
  })
})

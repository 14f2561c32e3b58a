import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseUnitFile, serialiseUnitFile } from '../../src/unit/unit-file.ts'
import type { unitTypes } from '../../src/unit/unit-name.ts'
import { hashUnitText } from '../../src/unit/hash.ts'
import { keys } from '../../src/store/keys.ts'
import { waitFor } from '../real/wait-for.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const mebibyte = 1024 * 1024
const file = (name: string, text: string) => writeFile(join(line.folder, name), text)

interface Body {
  readonly desiredState?: string
  readonly options?: readonly object[]
}

async function put(name: string, body: Body) {
  const answer = await cluster.api.inject({
    method: 'PUT',
    url: `/fleet/v1/units/${name}`,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })
  return { status: answer.statusCode, body: answer.body }
}

/** A canonical text of just this many bytes, made of one line again and again. */
function textOf(bytes: number, repeated: string): string {
  const head = '[Service]\nExecStart=/bin/sleep 1\n'
  const room = bytes - head.length
  const body = repeated.repeat(Math.floor(room / Buffer.byteLength(repeated)) - 1)
  const rest = room - Buffer.byteLength(body)
  return `${head}${body}Environment=${'x'.repeat(rest - 13)}\n`
}

describe('a unit of one mebibyte', () => {
  it.each([
    ['short lines', 'Environment=A=b\n'],
    ['quotes, continued lines and characters of several bytes', 'Environment="A=\\"\\\\é😀" \\\n  b\n'],
    ['one long line', `Environment=${'y'.repeat(1_000_000)}\n`],
  ])('made of %s is kept, placed, started and read back', { timeout: 30_000 }, async (_, repeated) => {
    cluster.live()
    const text = textOf(mebibyte, repeated)
    expect(Buffer.byteLength(text)).toBe(mebibyte)
    await file('big.service', text)
    expect(await line.run(['start', 'big.service'])).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await line.run(['cat', 'big.service'])
    expect(stdout === text).toBe(true)
    const hash = hashUnitText(text)
    const { entries } = await cluster.store.read({ key: keys.file(hash) })
    expect(entries[0]?.value === text).toBe(true)
    expect((await line.run(['list-units', '--no-legend', '--full', '--fields=hash,active'])).stdout).toMatch(
      new RegExp(`^${hash}\\t+active\n$`),
    )
  })

  it('may not be a byte longer', async () => {
    const refused = `unit file too long (${mebibyte + 1} bytes, max ${mebibyte} bytes)`
    const text = textOf(mebibyte + 1, 'Environment=A=b\n')
    await file('big.service', text)
    expect((await line.run(['submit', 'big.service'])).stderr).toContain(refused)
    const options = text
      .split('\n')
      .slice(1, -1)
      .map((option) => ({ section: 'Service', name: option.split('=', 1)[0], value: option.replace(/^[^=]*=/, '') }))
    const answer = await put('big.service', { options })
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(refused)])
  })

  it('is refused in so many words when its options are more than a request may be', async () => {
    const options = Array.from({ length: 350_000 }, () => ({ section: 'Service', name: 'A', value: '' }))
    const { status, body } = await put('big.service', { options })
    expect([status, body]).toEqual([400, '{"error":{"code":400,"message":"Request body is too large"}}'])
  })
})

/** What each type holds, and the word systemd has for it once it is started. */
const types: Readonly<Record<(typeof unitTypes)[number], readonly [string, string]>> = {
  automount: ['[Automount]\nWhere=/srv/x\n', 'waiting'],
  busname: ['[BusName]\nName=org.example\n', 'active'],
  device: ['[Unit]\nDescription=d\n', 'active'],
  mount: ['[Mount]\nWhat=tmpfs\nWhere=/srv/x\nType=tmpfs\n', 'mounted'],
  path: ['[Path]\nPathExists=/run/x\n', 'waiting'],
  scope: ['[Scope]\nTimeoutStopSec=1\n', 'active'],
  service: ['[Service]\nExecStart=/bin/sleep 1\n', 'running'],
  slice: ['[Slice]\nMemoryMax=1G\n', 'active'],
  snapshot: ['[Unit]\nDescription=s\n', 'active'],
  socket: ['[Socket]\nListenStream=/run/x.sock\n', 'listening'],
  swap: ['[Swap]\nWhat=/swapfile\n', 'active'],
  target: ['[Unit]\nDescription=t\n', 'active'],
  timer: ['[Timer]\nOnCalendar=daily\n', 'waiting'],
}

describe('a unit of each type', () => {
  it('is taken by the API, placed by the engine, and loaded and started by an agent as what it is', async () => {
    cluster.live()
    for (const [type, [text]] of Object.entries(types)) {
      const answer = await put(`u.${type}`, { desiredState: 'launched', options: parseUnitFile(text) })
      expect([type, answer.status]).toEqual([type, 201])
    }
    const shown = async () =>
      (await line.run(['list-units', '--no-legend', '--fields=unit,load,active,sub'])).stdout.replaceAll(/\t+/g, ' ')
    const wanted = Object.entries(types)
      .map(([type, [, sub]]) => `u.${type} loaded active ${sub}\n`)
      .toSorted()
      .join('')
    await waitFor('every unit to be active', async () => (await shown()) === wanted)
    for (const [type, [text]] of Object.entries(types)) {
      expect((await line.run(['cat', `u.${type}`])).stdout).toBe(serialiseUnitFile(parseUnitFile(text)))
    }
  })

  it('goes from start to destroy by its own name on the command line', async () => {
    cluster.live()
    for (const type of ['socket', 'timer', 'path'] as const) {
      await file(`a.${type}`, types[type][0])
      expect(await line.run(['start', `a.${type}`])).toMatchObject({ code: 0, stderr: '' })
      expect((await line.run(['stop', `a.${type}`])).stderr).toBe(`Successfully stopped units [a.${type}].\n`)
      expect((await line.run(['destroy', `a.${type}`])).stdout).toBe(`Destroyed a.${type}\n`)
    }
  })
})

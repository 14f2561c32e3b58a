import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  cluster.live()
  await writeFile(
    join(line.folder, 'hello.service'),
    '[Unit]\nDescription=says hello\n[Service]\nExecStart=/bin/true\n',
  )
  await writeFile(join(line.folder, 'every.service'), '[Service]\nExecStart=/bin/true\n[X-Fleet]\nGlobal=true\n')
  await line.run(['start', 'hello', 'every'])
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const lists = ['list-units', 'list-unit-files', 'list-machines', 'routes']
const output = async (...argv: string[]) => (await line.run(argv)).stdout

describe('-o', () => {
  it.each(lists)('yaml of %s says what json says', async (list) => {
    const rows: unknown = parse(await output(list, '-o', 'yaml'))
    expect(rows).toEqual(JSON.parse(await output(list, '-o', 'json')))
  })

  it('name gives each name once, in full, ready for xargs', async () => {
    expect(await output('list-unit-files', '-o', 'name')).toBe('every.service\nhello.service\n')
    expect(await output('list-units', '-o', 'name')).toMatch(/every.service\nhello.service\n$/)
    expect(await output('list-machines', '-o', 'name')).toMatch(/^([0-9a-f]{32}\n)+$/)
    expect(await output('routes', '-o', 'name')).toBe('')
  })

  it('wide gives every column', async () => {
    expect(await output('list-unit-files', '-o', 'wide')).toMatch(
      /^UNIT\t+HASH\t+DSTATE\t+STATE\t+TARGET\t+GLOBAL\t+DESC\n/,
    )
    expect(await output('list-unit-files', '-o', 'wide')).toContain('\tfalse\tsays hello\n')
    expect(await output('list-units', '-o', 'wide')).toMatch(/^UNIT\t+MACHINE\t+LOAD\t+ACTIVE\t+SUB\t+HASH\n/)
    expect(await output('list-units', '-o', 'wide', '--fields=unit')).toMatch(/^UNIT\n/)
  })

  it.each(lists)('refuses another form of %s', async (list) => {
    const { code, stderr } = await line.run([list, '-o', 'toml'], { programName: 'flota' })
    expect([code, stderr]).toEqual([
      1,
      "Cannot print as 'toml': there is no such format\nFormats are json, yaml, name, wide; without -o the list is a table\n",
    ])
  })
})

describe('colours', () => {
  const screen = () => {
    const shown = { text: '' }
    return { shown, stdout: { write: (text: string) => void (shown.text += text), isTTY: true } }
  }

  it('are for terminals only', async () => {
    const { shown, stdout } = screen()
    await line.run(['list-units'], { stdout })
    expect(shown.text).toContain('\u001b[32mactive\u001b[39m')
    expect(await output('list-units')).not.toContain('\u001b')
    // The same columns with colours and without.
    expect(shown.text.replaceAll('\u001b[32m', '').replaceAll('\u001b[39m', '')).toBe(await output('list-units'))
  })

  it('are off where NO_COLOR says so', async () => {
    const { shown, stdout } = screen()
    const env = { FLEETCTL_ENDPOINT: `unix://${join(line.folder, 'fleet.sock')}`, NO_COLOR: '1' }
    await line.run(['list-units'], { stdout, env })
    expect(shown.text).toBe(await output('list-units'))
  })
})

describe('--watch', () => {
  async function watch(argv: readonly string[], isTTY: boolean, act: () => Promise<unknown>) {
    const stop = new AbortController()
    let text = ''
    const stdout = { write: (more: string) => void (text += more), isTTY }
    const run = line.run(argv, { stdout, interrupted: () => stop.signal })
    await expect.poll(() => text).toContain('hello.service')
    await act()
    await expect.poll(() => text, { timeout: 5_000 }).toContain('inactive')
    stop.abort()
    expect((await run).code).toBe(0)
    return text
  }
  const stopHello = () => line.run(['stop', 'hello'])

  it('appends the list when it changed, and only then', async () => {
    const text = await watch(['list-units', '--watch', '--no-legend', '--fields=unit,active'], false, stopHello)
    const shown = text.split('\n\n').map((part) => part.trim().split('\n').at(-1))
    expect(shown[0]).toBe('hello.service\tactive')
    expect(shown.at(-1)).toBe('hello.service\tinactive')
    expect(shown.length).toBeLessThanOrEqual(3)
  })

  it('draws in the same place on a terminal', async () => {
    const text = await watch(['list-units', '-w'], true, stopHello)
    expect(text.split('\u001b[H\u001b[J').length).toBeGreaterThanOrEqual(3)
    expect(text).not.toContain('\n\n')
  })

  it('fails at once where there is no first list, and later keeps the last one', async () => {
    cluster.store.isAway = true
    expect((await line.run(['list-units', '--watch'])).code).toBe(1)
    cluster.store.isAway = false
    const stop = new AbortController()
    let said = ''
    const stderr = { write: (more: string) => void (said += more), isTTY: false }
    let text = ''
    const stdout = { write: (more: string) => void (text += more), isTTY: false }
    const run = line.run(['list-units', '--watch'], { stdout, stderr, interrupted: () => stop.signal })
    await expect.poll(() => text).toContain('hello.service')
    cluster.store.isAway = true
    await expect.poll(() => said, { timeout: 5_000 }).toContain('unable to communicate with etcd')
    cluster.store.isAway = false
    await expect.poll(() => text.split('hello.service').length, { timeout: 5_000 }).toBe(3)
    stop.abort()
    expect((await run).code).toBe(0)
  })
})

import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codecs } from '../../src/store/codec.ts'
import { desiredStates } from '../../src/unit/unit.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

const page = readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8')

/** The rows of a part's table, its head first; code marks go. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const part = page.split(`\n${heading}\n`)[1]?.split(/\n#{2,3} /)[0] ?? ''
  return part
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ *\| */)
        .map((cell) => cell.replaceAll('`', '')),
    )
}

let cluster: InProcessCluster
let line: CommandLine
beforeAll(async () => {
  cluster = await InProcessCluster.open()
  cluster.live()
  line = await CommandLine.open(cluster)
})
afterAll(async () => {
  await cluster.close()
  await line.close()
})

const contents = ['/bin/sleep 1', '/bin/sleep 2'] as const
const write = (name: string, command: string) => writeFile(join(line.folder, name), `[Service]\nExecStart=${command}\n`)

async function desiredOf(name: string): Promise<string> {
  const { stdout } = await line.run(['list-unit-files', '--no-legend', '--fields=unit,dstate'])
  return new RegExp(`^${name}\\t+(\\S+)$`, 'm').exec(stdout)?.[1] ?? '-'
}

const ways: Readonly<Record<string, string>> = { inactive: 'submit', loaded: 'load', launched: 'start' }

/** A new unit in this desired state, with its file beside it. */
async function unitIn(before: string, name: string): Promise<void> {
  await write(name, contents[0])
  const verb = ways[before]
  if (verb !== undefined) expect(await line.run([verb, name])).toMatchObject({ code: 0 })
  expect(await desiredOf(name)).toBe(before)
}

function casesOf(heading: string) {
  const [head = [], ...rows] = tableOf(heading)
  return rows.flatMap(([command = '', ...cells]) =>
    cells.map((after, at) => ({ command, before: head[at + 1] ?? '', after })),
  )
}

async function check(before: string, after: string, argv: readonly string[]): Promise<void> {
  const name = argv.at(-1) ?? ''
  const { code } = await line.run(argv)
  const result = await desiredOf(name)
  if (after === 'refused') expect([code, result]).toEqual([1, before])
  else expect([code, result]).toEqual([0, after === 'gone' ? '-' : after])
}

describe('docs/states.md', () => {
  it('names the states that there are', () => {
    for (const heading of ['## Desired state', '## Current state']) {
      expect(tableOf(heading).map(([state]) => state)).toEqual(['State', ...desiredStates])
    }
  })

  const plain = casesOf('### What each command makes of it')
  const replacing = casesOf('### With --replace and a file that differs')
  it('has all commands and all states', () => {
    expect([plain.length, replacing.length]).toEqual([6 * 4, 3 * 3])
  })

  it.each(plain)('$command of a unit that is $before: $after', async ({ command, before, after }) => {
    const name = `p-${command}-${before}.service`
    await unitIn(before, name)
    await check(before, after, [command, name])
  })

  it.each(replacing)('$command of a unit that is $before: $after', async ({ command, before, after }) => {
    const [verb = '', flag = ''] = command.split(' ')
    const name = `r-${verb}-${before}.service`
    await unitIn(before, name)
    await write(name, contents[1])
    await check(before, after, [verb, flag, name])
    const { stdout } = await line.run(['cat', name])
    expect(stdout).toContain(contents[after === 'refused' ? 0 : 1])
  })

  it('names the phases of a place', () => {
    const [, ...phases] = tableOf('## Places').map(([phase = '']) => phase)
    expect(phases.length).toBe(3)
    for (const phase of [...phases, 'other']) {
      const record = { v: 1, hash: '0'.repeat(40), desired: 'loaded', generation: 1, phase, reason: 'r' }
      const decode = () => codecs.schedule.decode(JSON.stringify(record), 'k').phase
      if (phase === 'other') expect(decode).toThrow()
      else expect(decode()).toBe(phase)
    }
  })
})

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Metadata } from '../../src/machine/machine.ts'
import { EngineStory } from '../fixtures/engine-story.ts'

/**
 * Stories of a cluster, as text: commands, a line of dashes, what the engine decided. An empty line ends a block, `#` begins a comment.
 * `UPDATE=1` writes what happened into the files; the difference is then reviewed like code.
 */
const directory = import.meta.dirname

interface Block {
  readonly commands: readonly string[]
  readonly expected: readonly string[]
}

function parseBlock(text: string): Block {
  const [commands = '', expected = ''] = text.split(/^----\n?/m)
  return {
    commands: commands.split('\n').filter((line) => line !== ''),
    expected: expected.split('\n').filter((line) => line !== ''),
  }
}

type Command = (story: EngineStory, words: readonly string[]) => Promise<readonly string[]>

const forEach =
  (act: (story: EngineStory, name: string) => Promise<void>): Command =>
  async (story, names) => {
    for (const name of names) await act(story, name)
    return []
  }

const commands: Readonly<Record<string, Command>> = {
  machines: async (story, words) => {
    const pairs = words.filter((word) => word.includes('=')).map((word) => word.split('='))
    const metadata: Metadata = Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]))
    for (const name of words.filter((word) => !word.includes('='))) await story.machine(name, { metadata })
    return []
  },
  unready: forEach((story, name) => story.machine(name, { isReady: false })),
  submit: async (story, [name = '', ...asks]) => {
    await story.submit(name, asks)
    return []
  },
  start: forEach((story, name) => story.want(name, 'launched')),
  load: forEach((story, name) => story.want(name, 'loaded')),
  stop: forEach((story, name) => story.want(name, 'loaded')),
  unload: forEach((story, name) => story.want(name, 'inactive')),
  destroy: forEach((story, name) => story.destroy(name)),
  lose: forEach((story, name) => story.lose(name)),
  return: forEach((story, name) => story.machine(name)),
  report: async (story, [machine = '', unit = '', active = '']) => {
    await story.report(machine, unit, active)
    return []
  },
  agents: async (story) => {
    await story.agents()
    return []
  },
  wait: async (story, [ms = '0']) => {
    await story.wait(Number(ms))
    return []
  },
  gap: async (story) => {
    story.store.breakWatches()
    await story.wait(200)
    return []
  },
  elect: (story) => {
    story.storeTerm++
    return Promise.resolve([])
  },
  plan: async (story) => story.places(),
}

async function play(story: EngineStory, lines: readonly string[]): Promise<readonly string[]> {
  const output: string[] = []
  for (const line of lines.filter((text) => !text.startsWith('#'))) {
    const [verb = '', ...words] = line.split(/\s+/)
    const command = commands[verb]
    if (command === undefined) throw new Error(`unknown command '${verb}'`)
    const answer = await command(story, words)
    output.push(...story.takeLines(), ...answer)
  }
  return output
}

describe('scenario', () => {
  it.each(readdirSync(directory).filter((name) => name.endsWith('.txt')))('%s', async (name) => {
    const file = join(directory, name)
    const blocks = readFileSync(file, 'utf8').trim().split(/\n\n+/).map(parseBlock)
    const story = new EngineStory()
    const written: string[] = []
    try {
      story.start()
      await story.wait(100)
      story.takeLines()
      for (const { commands: lines, expected } of blocks) {
        const happened = await play(story, lines)
        written.push([...lines, '----', ...happened].join('\n'))
        if (process.env['UPDATE'] === undefined) expect(happened, `after: ${lines.join('; ')}`).toEqual(expected)
      }
    } finally {
      await story.close()
    }
    if (process.env['UPDATE'] !== undefined) writeFileSync(file, `${written.join('\n\n')}\n`)
  })
})

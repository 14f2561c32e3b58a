import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type Outcome, run } from './flota.ts'
import { hostTraces } from './host-traces.ts'

export const clusterName = 'e2e'

declare module 'vitest' {
  interface ProvidedContext {
    /** What `npm start` printed. */
    readonly startOutput: string
  }
}

/** Brings the whole cluster up as a newcomer does, and takes it away again; what is left on the host then is an error. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env['FLOTA_CONTEXT'] = clusterName
  const before = await hostTraces()
  const isCold = await hasNoRoot()
  const first = await start()
  say(`npm start took ${seconds(first)}, ${isCold ? 'cold: nothing was cached' : 'warm: the root was cached'}`)
  if (isCold) {
    await stop(before)
    const second = await start()
    say(`npm start took ${seconds(second)}, warm: the root was cached`)
    project.provide('startOutput', second.stdout)
  } else {
    project.provide('startOutput', first.stdout)
  }
  return () => stop(before)
}

const say = (text: string) => process.stdout.write(`${text}\n`)
const seconds = ({ ms }: Outcome) => `${(ms / 1_000).toFixed(1)} s`

async function hasNoRoot(): Promise<boolean> {
  const cache = process.env['FLOTA_CACHE_DIR'] ?? '/var/cache/flota'
  return (await readdir(join(cache, 'roots')).catch(() => [])).length === 0
}

async function start(): Promise<Outcome> {
  const outcome = await run('npm', ['start', '--', '--name', clusterName, '--range', '10.79.0.0/24'], {
    withinMs: 400_000,
  })
  process.stdout.write(outcome.stdout)
  if (outcome.code === 0) return outcome
  await run('npm', ['stop', '--', '--name', clusterName], { withinMs: 120_000 })
  throw new Error(`npm start ended with ${outcome.code}\n${outcome.stderr}`)
}

async function stop(before: readonly string[]): Promise<void> {
  const { code, stderr } = await run('npm', ['stop', '--', '--name', clusterName], { withinMs: 120_000 })
  if (code !== 0) throw new Error(`npm stop ended with ${code}\n${stderr}`)
  const left = (await hostTraces()).filter((trace) => !before.includes(trace))
  if (left.length > 0) throw new Error(`npm stop left on the host:\n${left.join('\n')}`)
  say('npm stop left no process, mount, link, address, rule, group or file')
}

import type { TestProject } from 'vitest/node'
import { hostTraces } from './host-traces.ts'
import { run } from './flota.ts'

export const clusterName = 'e2e'
const place = ['--name', clusterName, '--range', '10.79.0.0/24']

declare module 'vitest' {
  interface ProvidedContext {
    /** What `npm start` printed, and how long it took. */
    readonly start: { readonly stdout: string; readonly ms: number }
  }
}

/** Brings the whole cluster up as a newcomer does, and takes it away again; what is left on the host then is an error. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env['FLOTA_CONTEXT'] = clusterName
  const before = await hostTraces()
  const { code, stdout, stderr, ms } = await run('npm', ['start', '--', ...place], { withinMs: 400_000 })
  process.stdout.write(stdout)
  if (code !== 0) {
    await run('npm', ['stop', '--', '--name', clusterName], { withinMs: 120_000 })
    throw new Error(`npm start ended with ${code}\n${stderr}`)
  }
  project.provide('start', { stdout, ms })
  return async () => {
    const stop = await run('npm', ['stop', '--', '--name', clusterName], { withinMs: 120_000 })
    if (stop.code !== 0) throw new Error(`npm stop ended with ${stop.code}\n${stop.stderr}`)
    const left = (await hostTraces()).filter((trace) => !before.includes(trace))
    if (left.length > 0) throw new Error(`npm stop left on the host:\n${left.join('\n')}`)
    process.stdout.write('npm stop left no process, mount, link, address, rule, group or file\n')
  }
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  cluster.live()
  const text = '[Service]\nExecStart=/bin/sleep 3600\n[X-Fleet]\nConflicts=nano@*.service\n'
  await mkdir(join(line.folder, 'units'))
  await writeFile(join(line.folder, 'units', 'nano@.service'), text)
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const run = (...argv: string[]) => line.run(argv, { programName: 'flota' })

async function running(): Promise<readonly string[]> {
  const { stdout } = await run('list-units', '--no-legend', '--fields=unit,active')
  return stdout
    .trim()
    .split('\n')
    .map((row) => row.replace(/\t+/, ' '))
}

describe('flota scale', () => {
  it('grows from the local template, shrinks from the highest number, and is done when there is nothing to do', async () => {
    const grown = await run('scale', 'units/nano@=3')
    expect([grown.code, grown.stderr]).toEqual([0, ''])
    expect(grown.stdout).toMatch(/Template nano@.service has 3 instances\n$/)
    expect(await running()).toEqual(['nano@1.service active', 'nano@2.service active', 'nano@3.service active'])
    const shrunk = await run('scale', 'nano@=1')
    expect(shrunk.stdout).toBe(
      'Destroyed nano@3.service\nDestroyed nano@2.service\nTemplate nano@.service has 1 instance\n',
    )
    expect(await running()).toEqual(['nano@1.service active'])
    expect((await run('scale', 'nano@=1')).stdout).toBe('Template nano@.service has 1 instance\n')
  })

  it('grows from the template that the cluster has, and starts instances that were only submitted', async () => {
    await run('submit', 'units/nano@.service', 'units/nano@2.service')
    expect((await run('scale', 'nano@=2')).code).toBe(0)
    expect(await running()).toEqual(['nano@1.service active', 'nano@2.service active'])
  })

  it('shows what cannot be placed as start does', async () => {
    const { code, stderr } = await run('scale', '--block-attempts=2', 'units/nano@=4')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Unit nano@\d.service waits: [^]*timed out waiting for unit nano@\d.service/)
  }, 15_000)

  it.each([
    ['no template', ['nano@=2'], 1, /unable to find template Unit\(nano@.service\)/],
    ['no number', ['units/nano@'], 1, /^Cannot scale 'units\/nano@': it is not TEMPLATE=NUMBER\nFor example/],
    ['nothing', [], 2, /missing required argument/],
  ])('refuses %s', async (...[, args, code, words]) => {
    const ran = await run('scale', ...args)
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([code, '', expect.stringMatching(words)])
  })
})

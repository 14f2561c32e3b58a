import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

let cluster: InProcessCluster
let line: CommandLine
const template = (seconds: number) =>
  writeFile(
    join(line.folder, 'nano@.service'),
    `[Service]\nExecStart=/bin/sleep ${seconds}\n\n[X-Fleet]\nConflicts=nano@*.service\n`,
  )
beforeEach(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  cluster.live()
  await template(1)
  await line.run(['submit', 'nano@.service', 'nano@10.service'])
  await line.run(['start', 'nano@1', 'nano@2', 'nano@3'])
})
afterEach(async () => {
  await cluster.close()
  await line.close()
})

const run = (...argv: string[]) => line.run(argv, { programName: 'flota' })
const places = async () => (await run('list-units', '--no-legend', '--full', '--fields=unit,machine,active')).stdout
const contentOf = async (name: string) => (await run('cat', name)).stdout

describe('start --replace --instances', () => {
  it('brings the template and each instance to the new content, on the same machines and in their order', async () => {
    const before = await places()
    await template(2)
    const { code, stdout, stderr } = await run('start', '--replace', '--instances', 'nano@')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^Unit nano@.service inactive\nUnit nano@1.service launched on .*\nUnit nano@2.service launched on .*\nUnit nano@3.service launched on .*\n/,
    )
    for (const name of ['nano@', 'nano@1', 'nano@2', 'nano@3', 'nano@10']) {
      expect(await contentOf(name)).toContain('sleep 2')
    }
    expect(await places()).toBe(before)
    expect((await run('list-unit-files', '--no-legend', '--fields=unit,dstate')).stdout).toContain(
      'nano@10.service\tinactive\n',
    )
  })

  it('does nothing the second time', async () => {
    const { code, stdout } = await run('start', '--replace', '--instances', 'nano@')
    expect(code).toBe(0)
    expect(stdout.match(/^Found same Unit\(nano@\d*.service\) in Registry, nothing to do$/gm)).toHaveLength(5)
  })

  it("takes the cluster's template where there is no local file", async () => {
    await template(3)
    await run('submit', '--replace', 'nano@.service')
    const elsewhere = await line.run(['start', '--replace', '--instances', 'nano@'], { cwd: '/' })
    expect(elsewhere.code).toBe(0)
    expect(await contentOf('nano@2')).toContain('sleep 3')
  })

  it('ends with the first instance that does not run, and leaves the others as they were', async () => {
    cluster.script('nano@1.service', { startResult: 'failed' })
    await template(4)
    const { code, stderr } = await run('start', '--replace', '--instances', 'nano@')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/unit nano@1.service failed on /)])
    expect(await contentOf('nano@2')).toContain('sleep 1')
  })

  it.each([
    ['without --replace', ['--instances', 'nano@'], /^Cannot replace instances: without --replace/],
    ['without waiting', ['--replace', '--instances', '--no-block', 'nano@'], /with --no-block all of them/],
    [
      'for what is no template',
      ['--replace', '--instances', 'nano@1'],
      /'nano@1.service' is no template.*\nFor example/,
    ],
    ['for a template that nobody knows', ['--replace', '--instances', 'x@'], /unable to find Unit\(x@.service\)/],
    ['for nothing', ['--replace', '--instances'], /^No units given\n/],
  ])('is refused %s', async (_title, args, words) => {
    const ran = await run('start', ...args)
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([1, '', expect.stringMatching(words)])
  })
})

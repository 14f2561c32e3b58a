import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeContext } from '../../src/client/context.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

const execute = promisify(execFile)

let cluster: InProcessCluster
let line: CommandLine
beforeAll(async () => {
  cluster = await InProcessCluster.open()
  line = await CommandLine.open(cluster)
  cluster.live()
  await mkdir(join(line.folder, 'units'))
  for (const name of ['units/a.service', 'units/n@.service', 'b.timer', 'notes.txt']) {
    await writeFile(join(line.folder, name), '[Service]\nExecStart=/bin/true\n')
  }
  await line.run(['start', 'units/a', 'units/n@1.service', 'units/n@2.service'])
  await line.run(['submit', 'units/n@.service'])
  await line.run(['route', 'set', 'web', '--units', 'a.service', '--port', '80'])
  const keys = { user: 'core', identityFile: '/k', knownHostsFile: '/h' }
  await writeContext({ name: 'one', addresses: ['10.0.0.1'], ...keys }, { HOME: line.folder })
})
afterAll(async () => {
  await cluster.close()
  await line.close()
})

async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await line.run(['complete', '--', ...words])
  return stdout
    .trimEnd()
    .split('\n')
    .map((text) => text.split('\t')[0] ?? '')
}

describe('completion', () => {
  const machine = '13135a8d34da09b98cde21be81866ed7'

  it.each([
    ['a verb', ['list-u'], ['list-units', 'list-unit-files']],
    ['a verb below a verb', ['route', ''], ['set', 'rm', 'help']],
    ['a flag of the verb', ['start', '--bl'], ['--block-attempts']],
    ['a flag of every verb', ['start', '--cont'], ['--context']],
    ['a unit to stop', ['stop', 'n'], ['n@.service', 'n@1.service', 'n@2.service']],
    ['another unit', ['stop', '--no-block', 'a.service', 'n@2'], ['n@2.service']],
    ['a file to start', ['start', 'u'], ['units/']],
    ['a file in a folder', ['start', 'units/'], ['units/a.service', 'units/n@.service']],
    ['a template to scale', ['scale', ''], ['n@.service=']],
    ['a machine', ['ssh', '1313'], [machine]],
    ['a machine after its flag', ['ssh', '--machine', '1'], [machine]],
    ['a machine in its flag', ['ssh', '--machine=1'], [`--machine=${machine}`]],
    ['a route', ['route', 'rm', ''], ['web']],
    ['a context to use', ['use', ''], ['one']],
    ['a context in a flag', ['--context', 'o'], ['one']],
    ['a shell', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['nothing where nothing fits', ['stop', 'zzz'], ['']],
    ['nothing after the only argument', ['use', 'one', ''], ['']],
  ])('offers %s', async (_title, words, expected) => {
    expect(await complete(...words)).toEqual(expected)
  })

  it('says what a value is', async () => {
    expect((await line.run(['complete', '--', 'stop', 'a'])).stdout).toBe(`a.service\tlaunched on 13135a8d...\n`)
  })

  it('offers nothing, and no error, where the cluster the line names cannot be asked', async () => {
    const ran = await line.run(['complete', '--', '--endpoint', 'unix:///nowhere.sock', 'stop', ''])
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('refuses a shell that it does not know', async () => {
    const { code, stderr } = await line.run(['completion', 'tcsh'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/'tcsh' is invalid.*bash, zsh, fish/)])
  })
})

describe('the bash script', () => {
  let bundle: string
  beforeAll(async () => {
    bundle = join(line.folder, 'bundle')
    await build({
      entryPoints: { flota: 'src/cli/flota.ts' },
      outdir: bundle,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      external: ['classic-level'],
      banner: { js: "import{createRequire as c}from'node:module';const require=c(import.meta.url);" },
    })
  }, 60_000)

  /** Loads the script as a user does and completes a line; `cut` = the part of the last word that bash would replace. */
  async function press(typed: string, cut: string): Promise<readonly string[]> {
    const program = `
      flota() { "$NODE" "$BUNDLE/flota.mjs" "$@"; }
      source <(flota completion bash)
      COMP_LINE="$1" COMP_POINT=\${#1}
      _flota_complete flota "$2" ""
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = {
      NODE: process.execPath,
      BUNDLE: bundle,
      HOME: line.folder,
      FLOTA_ENDPOINT: `unix://${join(line.folder, 'fleet.sock')}`,
    }
    const { stdout, stderr } = await execute('bash', ['--norc', '-c', program, 'bash', typed, cut], {
      env,
      cwd: line.folder,
    })
    expect(stderr).toBe('')
    return stdout.trimEnd().split('\n')
  }

  it.each([
    ['verbs', 'flota sca', 'sca', ['scale']],
    ['names of units', 'flota stop ', '', ['a.service', 'n@.service', 'n@1.service', 'n@2.service']],
    ['the rest of a name that bash cuts at its @', 'flota stop n@1', '@1', ['@1.service']],
    ['nothing, and runs nothing, for what looks like a command', 'flota stop $(touch${IFS}owned)', 'owned)', ['']],
  ])('completes %s', async (...[, typed, cut, expected]) => {
    expect(await press(typed, cut)).toEqual(expected)
    await expect(execute('ls', [join(line.folder, 'owned')])).rejects.toThrow()
  })
})

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realClock } from '../../lib/clock.ts'
import { runCli, type World } from '../run-cli.ts'

let dir: string
let file: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flota-verb-'))
  file = join(dir, 'user-data')
})

afterEach(() => rm(dir, { recursive: true }))

async function flota(...args: readonly string[]) {
  let [stdout, stderr] = ['', '']
  const world: World = {
    stdout: { write: (text) => void (stdout += text), isTTY: false },
    stderr: { write: (text) => void (stderr += text), isTTY: false },
    stdin: process.stdin,
    env: {},
    cwd: dir,
    clock: realClock,
    version: '0.0.0',
    programName: 'flota',
    localMachineId: () => Promise.resolve(undefined),
    run: () => Promise.resolve(0),
    interrupted: () => new AbortController().signal,
  }
  const code = await runCli(args, world)
  return { code, stdout, stderr }
}

it('cloud-config validate is silent about a good file', async () => {
  await writeFile(file, '#cloud-config\nhostname: a\n')
  expect(await flota('cloud-config', 'validate', file)).toEqual({ code: 0, stdout: '', stderr: '' })
})

it('cloud-config validate names line and column, for people and for programs', async () => {
  await writeFile(file, '#cloud-config\nhostnam: a\n')
  const message = 'unrecognized key "hostnam"; did you mean "hostname"?'
  expect(await flota('cloud-config', 'validate', file)).toMatchObject({
    code: 1,
    stdout: `line 2, column 1: warning: ${message}\n`,
  })
  const { code, stdout } = await flota('cloud-config', 'validate', '-o', 'json', file)
  expect([code, JSON.parse(stdout)]).toEqual([1, [{ level: 'warning', line: 2, column: 1, message }]])
})

it('cloud-config apply --dry-run prints what it would do, and does nothing', async () => {
  await writeFile(file, `#cloud-config\nwrite_files: [{path: ${dir}/made, content: "a\\nb\\n", permissions: 0600}]\n`)
  const { code, stdout } = await flota('cloud-config', 'apply', '--dry-run', '--from-file', file)
  expect(code).toBe(0)
  expect(stdout).toContain(`write ${dir}/made, mode 0600\n    a\n    b\n`)
  expect(await readdir(dir)).toEqual(['user-data'])
})

it('cloud-config apply --dry-run exits 1 where the file is broken', async () => {
  await writeFile(file, '#cloud-config\nhostname: [\n')
  const { code, stderr } = await flota('cloud-config', 'apply', '--dry-run', '--from-file', file)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^line \d+, column \d+: error: /)
})

it.each([
  ['validate', ['validate', '/nowhere/user-data'], 1, "Cannot read user-data '/nowhere/user-data'"],
  ['apply', ['apply', '--from-file', '/nowhere/user-data'], 1, "Cannot read user-data '/nowhere/user-data'"],
  ['validate in another format', ['validate', '/nowhere', '-o', 'xml'], 1, "Cannot print in format 'xml'"],
  ['validate without a file', ['validate'], 2, "missing required argument 'file'"],
])('cloud-config %s refuses wrong input', async (...[, args, code, message]) => {
  const result = await flota('cloud-config', ...args)
  expect(result.code).toBe(code)
  expect(result.stderr).toContain(message)
})

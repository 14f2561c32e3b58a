// Every test: the checks, the fast tests on each supported Node, then real daemons and real machines.
// Arguments after `--` go to the last step (vitest), e.g. a file name. `--proof` runs the long forms.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const args = process.argv.slice(2)
const isProof = args.includes('--proof')
const filters = args.filter((arg) => arg !== '--proof')
const scratch = await mkdtemp(join(tmpdir(), 'flota-test-'))
const cache = process.env.FLOTA_CACHE_DIR ?? '/var/cache/flota'

/** Test clusters live apart from the user's own: other state, other contexts. */
const env = {
  ...process.env,
  FLOTA_STATE_DIR: join(scratch, 'state'),
  XDG_CONFIG_HOME: join(scratch, 'config'),
  FLOTA_CACHE_DIR: cache,
}

/** What asks the tests for their long forms. */
const long = isProof ? { FLOTA_PROOF: '1' } : {}

/** @param {string} command @param {string[]} commandArgs @param {Record<string, string>} [more] @returns {Promise<void>} */
function run(command, commandArgs, more = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: 'inherit', env: { ...env, ...more } })
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${commandArgs.join(' ')} failed`)),
    )
  })
}

/** @param {string} title @param {() => Promise<void>} work */
async function step(title, work) {
  const started = Date.now()
  console.log(`\n== ${title}`)
  await work()
  console.log(`== ${title}: ok (${((Date.now() - started) / 1000).toFixed(0)} s)`)
}

/** Node's own binary from the npm package of its name, so that each supported version runs the fast tests. */
/** @param {number} major */
async function nodeOf(major) {
  const prefix = join(cache, 'node', String(major))
  const name = `node-linux-${process.arch}`
  const binary = join(prefix, 'node_modules', name, 'bin', 'node')
  if (!existsSync(binary))
    await run('npm', ['install', '--no-save', '--silent', '--prefix', prefix, `${name}@${major}`])
  return binary
}

/** Removes what a failed or killed run leaves: the janitor sees its pipe close when this process is gone, however it went. */
const janitor = spawn(process.execPath, [join(root, 'scripts/janitor.mjs'), scratch], {
  cwd: root,
  env,
  detached: true,
  stdio: ['pipe', 'inherit', 'inherit'],
})

let failure
try {
  if (filters.length === 0) {
    await step('checks', () => run(process.execPath, ['scripts/check.mjs']))
    for (const major of [22, 24]) {
      const node = await nodeOf(major)
      await step(`fast tests on Node ${major}`, () =>
        run(node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', '--reporter', 'dot']),
      )
    }
  }
  const vitest = 'node_modules/.bin/vitest'
  if (isProof) await step('long forms', () => run(vitest, ['run', '--project', 'fast', 'test/properties'], long))
  await step('real daemons and machines', () =>
    run(vitest, ['run', '--project', 'real', '--project', 'e2e', ...filters], long),
  )
} catch (error) {
  failure = error
}

await new Promise((resolve) => {
  janitor.on('exit', resolve)
  janitor.stdin.end()
})
await rm(scratch, { recursive: true, force: true })
if (failure instanceof Error) {
  console.error(`\n${failure.message}`)
  process.exit(1)
}

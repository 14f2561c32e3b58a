// Every check that needs no machines: format, types, cycles, lint, fast tests. Two lanes side by side, so that two cores are done within a minute.
import { spawn } from 'node:child_process'

const bin = new URL('../node_modules/.bin/', import.meta.url).pathname

/** What did not change is not looked at again; a fresh clone, as in CI, looks at everything. */
const cache = new URL('../node_modules/.cache/', import.meta.url).pathname

/** @typedef {readonly [name: string, command: string, args: readonly string[]]} Step */

/** @type {readonly (readonly Step[])[]} */
const lanes = [
  [
    ['format', 'prettier', ['--check', '--log-level', 'warn', '--cache', '.']],
    ['types', 'tsc', ['--noEmit', '--incremental', '--tsBuildInfoFile', `${cache}types.tsbuildinfo`]],
    ['cycles', 'depcruise', ['--config', 'scripts/cycles.config.cjs', '--output-type', 'err', 'src']],
    [
      'lint',
      'eslint',
      ['.', '--max-warnings', '0', '--cache', '--cache-strategy', 'content', '--cache-location', cache],
    ],
  ],
  [['fast tests', 'vitest', ['run', '--project', 'fast', '--reporter', 'dot', '--silent']]],
]

/** Output comes in one piece at the end, so that the lanes do not mix. @param {Step} step @returns {Promise<boolean>} */
function run([name, command, args]) {
  const started = Date.now()
  return new Promise((resolve) => {
    const child = spawn(bin + command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      const isOk = code === 0
      const summary = output.split('\n').filter((line) => /(Test Files|Tests) /.test(line))
      const shown = isOk ? summary.join('\n') : output
      if (shown !== '') console.log(shown)
      console.log(`${isOk ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
      resolve(isOk)
    })
  })
}

/** @param {readonly Step[]} steps @returns {Promise<boolean>} */
async function runLane(steps) {
  for (const step of steps) if (!(await run(step))) return false
  return true
}

const results = await Promise.all(lanes.map(runLane))
if (!results.every(Boolean)) process.exit(1)

// Every check that needs no machines: format, lint, layers, types, fast tests. Meant to end within a minute on two cores.
import { spawn } from 'node:child_process'

const bin = new URL('../node_modules/.bin/', import.meta.url).pathname
const steps = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['types', 'tsc', ['--noEmit']],
  ['cycles', 'depcruise', ['--config', 'scripts/cycles.config.cjs', '--output-type', 'err', 'src']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['fast tests', 'vitest', ['run', '--project', 'fast', '--reporter', 'dot']],
]

/** @param {string} command @param {string[]} args @returns {Promise<number>} */
const run = (command, args) =>
  new Promise((resolve) => {
    spawn(bin + command, args, { stdio: 'inherit' }).on('exit', (code) => resolve(code ?? 1))
  })

for (const [name, command, args] of /** @type {[string, string, string[]][]} */ (steps)) {
  const started = Date.now()
  const code = await run(command, args)
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  if (code !== 0) process.exit(1)
}

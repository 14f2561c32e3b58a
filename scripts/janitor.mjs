// Waits until its standard input closes, that is until the test run that started it is over or dead, and removes its clusters.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const scratch = process.argv[2]
if (scratch === undefined) throw new Error('usage: janitor.mjs SCRATCH-DIRECTORY')

process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.stdin.resume()
await new Promise((resolve) => process.stdin.on('close', resolve))

const clusters = join(scratch, 'state', 'clusters')
const flota = new URL('../bin/flota.js', import.meta.url).pathname
for (const name of existsSync(clusters) ? readdirSync(clusters) : []) {
  spawnSync(process.execPath, [flota, 'down', '--name', name], { stdio: 'inherit' })
}
if (!existsSync(clusters) || readdirSync(clusters).length === 0) rmSync(scratch, { recursive: true, force: true })

// Takes the cluster of `npm start` away again. Arguments after `--` go to `flota down`, e.g. `npm stop -- --name trial`.
import { spawnSync } from 'node:child_process'

const flota = new URL('../bin/flota.js', import.meta.url).pathname
const { status } = spawnSync(process.execPath, [flota, 'down', ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)

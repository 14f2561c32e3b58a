import { build } from 'esbuild'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoneMachine } from '../../test/real/machine.ts'
import { bootMachine } from '../../test/real/machine.ts'
import { waitFor } from '../../test/real/wait-for.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = '/root/flota-under-test'
const banner =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" +
  'const __dirname=import.meta.dirname,__filename=import.meta.filename;'

const service = `[Service]
Type=notify
NotifyAccess=all
KillMode=process
ExecStart=/usr/bin/node ${folder}/dist/flotad.js -config ${folder}/fleet.conf
StandardOutput=append:/run/flotad.out
StandardError=append:/run/flotad.err
`
const socket = `[Socket]
Service=flotad.service
ListenStream=/run/fleet.sock
ListenStream=127.0.0.1:49153
`

let machine: LoneMachine
beforeAll(async () => {
  machine = await bootMachine('flotadreal')
  await mkdir(machine.path(`${folder}/dist`), { recursive: true })
  await build({
    entryPoints: [`${root}src/daemon/flotad.ts`],
    outfile: machine.path(`${folder}/dist/flotad.js`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['classic-level'],
    banner: { js: banner },
    logLevel: 'warning',
  })
  for (const name of [
    'classic-level',
    'abstract-level',
    'level-supports',
    'level-transcoder',
    'module-error',
    'maybe-combine-errors',
    'node-gyp-build',
    'buffer',
    'base64-js',
    'ieee754',
    'is-buffer',
  ]) {
    await cp(`${root}node_modules/${name}`, machine.path(`${folder}/node_modules/${name}`), { recursive: true })
  }
  await cp(`${root}package.json`, machine.path(`${folder}/package.json`))
  await settings(3)
  await writeFile(machine.path('/run/systemd/system/flotad.service'), service)
  await writeFile(machine.path('/run/systemd/system/flotad.socket'), socket)
  await machine.exec(['systemctl', 'daemon-reload'])
  await machine.exec(['systemctl', 'start', 'flotad.socket', 'flotad.service']).catch(async (cause: unknown) => {
    throw new Error(await log(), { cause })
  })
})
afterAll(() => machine.destroy())

const settings = (tokenLimit: number) =>
  writeFile(machine.path(`${folder}/fleet.conf`), `token_limit=${tokenLimit}\ndata_directory=/var/lib/flota\n`)

const log = () => readFile(machine.path('/run/flotad.err'), 'utf8')
const send = (signal: string) => machine.exec(['systemctl', 'kill', '--kill-whom=main', '-s', signal, 'flotad.service'])
const get = (path: string) => machine.exec(['curl', '-sf', `http://127.0.0.1:49153${path}`])
const hasLogged = (text: string) => waitFor(text, async () => ((await log()).includes(text) ? true : undefined))

it('serves on all its sockets, and says which of them the network reaches', async () => {
  await hasLogged('The API is open to the network')
  await waitFor('the machine', async () => (await get('/fleet/v1/machines')).includes('"machines"'))
  expect(
    await machine.exec(['curl', '-sf', '--unix-socket', '/run/fleet.sock', 'http://x/fleet/v1/machines']),
  ).toContain('"machines"')
})

it('A27 reads its settings anew on SIGHUP, on the same sockets, with no unit touched', async () => {
  const options = JSON.stringify([{ section: 'Service', name: 'ExecStart', value: '/bin/sleep 3600' }])
  const body = `{"desiredState":"launched","options":${options}}`
  const url = 'http://127.0.0.1:49153/fleet/v1/units/sleep.service'
  await machine.exec(['curl', '-sf', '-X', 'PUT', '-H', 'Content-Type: application/json', '-d', body, url])
  const run = () => machine.exec(['systemctl', 'show', '-p', 'MainPID', '-p', 'ActiveState', 'sleep.service'])
  await waitFor('sleep.service', async () => ((await run()).includes('ActiveState=active') ? true : undefined))
  const before = await run()
  await settings(5)
  await send('HUP')
  await hasLogged('Reloading configuration')
  await waitFor('the other page size', async () =>
    (await get('/fleet/v1/units')).includes('sleep.service') ? true : undefined,
  )
  await waitFor('two starts', async () => ((await log()).split('flotad started').length === 3 ? true : undefined))
  expect(await run()).toBe(before)
  expect(await machine.exec(['systemctl', 'show', '-p', 'Result', '-p', 'ActiveState', 'flotad.service'])).toContain(
    'Result=success',
  )
})

it('keeps its settings when the new ones cannot be used', async () => {
  await writeFile(machine.path(`${folder}/fleet.conf`), 'token_limits=5\n')
  await send('HUP')
  await hasLogged('keeping the old one')
  expect(await get('/fleet/v1/machines')).toContain('"machines"')
})

it('tells what the agent believes on SIGUSR1', async () => {
  await send('USR1')
  const text = await waitFor(
    'the dump',
    async () => (await readFile(machine.path('/run/flotad.out'), 'utf8')) || undefined,
  )
  expect(JSON.parse(text)).toMatchObject({ isConfirmed: true, scheduled: ['sleep.service'] })
})

it('A28 ends in order when it is stopped, and its unit runs on', async () => {
  await machine.exec(['systemctl', 'stop', 'flotad.service'])
  const end = await machine.exec(['systemctl', 'show', '-p', 'ActiveState', '-p', 'Result', 'flotad.service'])
  expect(end).toContain('ActiveState=inactive')
  expect(end).toContain('Result=success')
  expect(await machine.exec(['systemctl', 'is-active', 'sleep.service'])).toContain('active')
})

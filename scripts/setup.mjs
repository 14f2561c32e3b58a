// Prepares this host before `npm start`, `npm test` and `npm stop`: plain Node, no package of npm's. Argument: start, test or stop.
// What is there already is only looked at, so a second run takes well under a second. A reason to refuse is found before anything is changed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const mode = process.argv[2] ?? ''

/** Debian packages by what asks for them; all of them exist in Debian 12 and 13 and in Ubuntu 24.04. */
const packages = {
  stop: [],
  start: ['debian-archive-keyring', 'iproute2', 'mmdebstrap', 'openssh-client', 'systemd-container'],
  test: [
    'etcd-client',
    'etcd-server',
    'libnginx-mod-http-lua',
    'nftables',
    'nghttp2-client',
    'nginx',
    'openssl',
    'wrk',
  ],
}

/** Services that some of these packages would start; the tests start their own. */
const quietServices = ['etcd.service', 'nginx.service']

/** Says what is wrong and what to do next, in one sentence each, and ends. @param {string} what @param {string} next @returns {never} */
function refuse(what, next) {
  console.error(`${what}.\n${next}.`)
  process.exit(1)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  refuse(
    `Cannot run on Node ${process.versions.node}: Flota needs 20.19 or newer`,
    'Install a newer Node.js and try again',
  )
}

function checkHost() {
  if (process.platform !== 'linux') refuse(`Cannot run on ${process.platform}: Flota needs Linux`, 'Use a Linux host')
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const id = /^ID="?([^"\n]*)"?$/m.exec(release)?.[1] ?? 'an unknown system'
  if (!['debian', 'ubuntu'].includes(id))
    refuse(`Cannot set up this host: it runs ${id}, not Debian or Ubuntu`, 'Use a Debian or Ubuntu host')
  if (process.getuid?.() !== 0)
    refuse(`Cannot npm ${mode} as user ${process.getuid?.()}: machines need root`, `Run it as root: sudo npm ${mode}`)
  if (spawnSync('unshare', ['--net', '--mount', 'true']).status !== 0)
    refuse(
      'Cannot make machines here: this host refuses new network namespaces',
      'Use a host, a virtual machine or a privileged container that allows them',
    )
}

/** Tells of a step that takes over a second, and how long it took. @param {string} title @param {() => Promise<void>} work */
async function step(title, work) {
  const started = Date.now()
  let isAnnounced = false
  const timer = setTimeout(() => {
    isAnnounced = true
    console.log(`${title} ...`)
  }, 1000)
  try {
    await work()
  } finally {
    clearTimeout(timer)
  }
  if (isAnnounced) console.log(`${title}: done (${((Date.now() - started) / 1000).toFixed(1)} s)`)
}

/** @param {string[]} command @param {Record<string, string>} [env] @returns {Promise<{ code: number, output: string }>} */
function tryRun([file = '', ...args], env = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** @param {string[]} command @param {string} next @param {Record<string, string>} [env] */
async function run(command, next, env) {
  const { code, output } = await tryRun(command, env)
  if (code === 0) return
  const words = output.trim().split('\n').slice(-5).join('\n')
  refuse(`Cannot run '${command.join(' ')}': exit code ${code}\n${words}`, next)
}

/** @param {readonly string[]} wanted */
async function missingPackages(wanted) {
  const { output } = await tryRun(['dpkg-query', '--show', '--showformat=${Package} ${db:Status-Status}\n', ...wanted])
  const installed = new Set(
    output.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])),
  )
  return wanted.filter((name) => !installed.has(name))
}

/** @param {readonly string[]} missing */
async function installPackages(missing) {
  const hasSystemd = existsSync('/run/systemd/system')
  const quiet = hasSystemd ? quietServices.filter((unit) => !existsSync(`/usr/lib/systemd/system/${unit}`)) : []
  const apt = ['apt-get', '--yes', '--quiet', '-o', 'DPkg::Lock::Timeout=120']
  const install = [...apt, 'install', '--no-install-recommends', ...missing]
  // A run level in which no package starts a service, for a host without systemd (invoke-rc.d(8)).
  const env = { DEBIAN_FRONTEND: 'noninteractive', ...(hasSystemd ? {} : { RUNLEVEL: '1' }) }
  if (quiet.length > 0) await tryRun(['systemctl', 'mask', '--runtime', ...quiet])
  const { code } = await tryRun(install, env)
  if (code !== 0) {
    await run([...apt, 'update'], 'See that this host reaches its package archive, and try again', env)
    await run(install, `Install them yourself: apt-get install ${missing.join(' ')}`, env)
  }
  if (quiet.length === 0) return
  await tryRun(['systemctl', 'disable', ...quiet])
  await tryRun(['systemctl', 'unmask', '--runtime', ...quiet])
}

/** True when what npm has installed is what the lock file says; npm writes its own list last, so half an install does not count. */
function hasModules() {
  const hidden = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(hidden)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional === true || installed[path]?.version === version,
  )
}

const sources = ['package.json', 'package-lock.json', 'scripts/build.mjs', 'src', 'examples/nano-container/service']
const bundles = ['flota.js', 'flotad.js', 'nano-container.js'].map((name) => join(root, 'dist', name))

/** @param {string} path @returns {number} */
function newest(path) {
  const look = statSync(path)
  if (!look.isDirectory()) return look.mtimeMs
  return Math.max(look.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isBuilt() {
  if (!bundles.every((path) => existsSync(path))) return false
  if (mode === 'stop') return true
  const oldest = Math.min(...bundles.map((path) => statSync(path).mtimeMs))
  return Math.max(...sources.map((path) => newest(join(root, path)))) <= oldest
}

checkNode()
if (mode !== 'start' && mode !== 'test' && mode !== 'stop') refuse('Usage: setup.mjs start|test|stop', 'Use npm start')
checkHost()
const wanted = mode === 'test' ? [...packages.start, ...packages.test] : packages[mode]
const missing = wanted.length === 0 ? [] : await missingPackages(wanted)
if (missing.length > 0) await step(`Installing Debian packages: ${missing.join(' ')}`, () => installPackages(missing))
if (!isBuilt() || mode === 'test') {
  if (!hasModules())
    await step('Installing npm packages', () =>
      run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], 'See that this host reaches its npm registry'),
    )
}
if (!isBuilt())
  await step('Building', () => run([process.execPath, 'scripts/build.mjs'], 'Mend the sources, then try again'))

// The main job, as a user would do it by hand: a cluster, the sample service on three machines, a balancer over them.
// Arguments after `--` go to `flota up`, e.g. `npm start -- --name trial --range 10.78.0.0/24`.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const root = new URL('..', import.meta.url).pathname
const sample = `${root}examples/nano-container`
const upArguments = process.argv.slice(2)
const { values } = parseArgs({ args: upArguments, options: { name: { type: 'string' } }, strict: false })
const cluster = typeof values.name === 'string' ? values.name : 'flota'
const instances = [1, 2, 3].map((n) => `${sample}/nano-container@${n}.service`)
const route = ['nano', '--units', 'nano-container@*.service', '--port', '8443', '--scheme', 'https']
const healthyWithinMs = 90_000

/** Says what is wrong and what to do next, and ends. @param {string} what @returns {never} */
function refuse(what) {
  console.error(`${what}\nnpm start goes on from here; npm stop removes everything`)
  process.exit(1)
}

/** When the person pressed Enter: npm's own start where npm runs this, since it did the set-up first. Milliseconds ago. */
function startedMsAgo() {
  const own = process.uptime() * 1000
  if (process.env.npm_lifecycle_event === undefined) return own
  for (let pid = process.ppid; pid > 1;) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (/^npm/.test(stat.slice(stat.indexOf('(') + 1))) {
      // Field 22, in ticks of 1/100 s since boot: proc_pid_stat(5).
      return (Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - Number(fields[19]) / 100) * 1000
    }
    pid = Number(fields[1])
  }
  return own
}

/** @param {string[]} args @param {'show' | 'keep'} output @returns {Promise<string>} what it printed */
function flota(args, output) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`${root}bin/flota.js`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      if (output === 'show') process.stdout.write(chunk)
    })
    child.on('close', (code) => {
      if (code === 0) resolve(text)
      else refuse(`'flota ${args.join(' ')}' ended with exit code ${code}.`)
    })
  })
}

/** @param {string[]} args */
const inCluster = (args) => ['--context', cluster, ...args]

/** @returns {Promise<{ url: string, healthy: number, total: number }>} */
async function readRoute() {
  const routes = JSON.parse(await flota(inCluster(['routes', '-o', 'json']), 'keep'))
  return routes.find((/** @type {{ name: string }} */ { name }) => name === 'nano')
}

/** Status of one request; the sample's certificate is its own. @param {string} url @returns {Promise<number | undefined>} */
function ask(url) {
  return new Promise((resolve) => {
    const call = request(url, { rejectUnauthorized: false, timeout: 2000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    call.on('timeout', () => call.destroy())
    call.on('error', () => resolve(undefined))
    call.end()
  })
}

/** Until all three instances are healthy; tells when the first request was answered. */
async function waitForService() {
  const deadline = Date.now() + healthyWithinMs
  let firstAnswerMs
  for (let seen = await readRoute(); ; seen = await readRoute()) {
    if (firstAnswerMs === undefined && seen.healthy > 0 && (await ask(seen.url)) === 200) firstAnswerMs = startedMsAgo()
    if (firstAnswerMs !== undefined && seen.healthy === 3) return { url: seen.url, firstAnswerMs }
    if (Date.now() > deadline) {
      await flota(inCluster(['list-units']), 'show')
      refuse(`Only ${seen.healthy} of 3 instances are healthy behind ${seen.url} after ${healthyWithinMs / 1000} s.`)
    }
    await sleep(200)
  }
}

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} seconds`

await flota(['up', '--user-data', `${sample}/cloud-config`, ...upArguments], 'show')
await flota(inCluster(['route', 'set', ...route]), 'keep')
console.log('Starting nano-container and the balancer')
await flota(inCluster(['start', ...instances, `${sample}/balancer.service`]), 'keep')
const { url, firstAnswerMs } = await waitForService()
for (const table of ['list-machines', 'list-units', 'routes']) {
  console.log()
  await flota(inCluster([table]), 'show')
}
const next = cluster === 'flota' ? '' : `--context ${cluster} `
console.log(`
${url}
First answer through the balancer ${seconds(firstAnswerMs)} after the command, everything healthy after ${seconds(startedMsAgo())}.

Next:
  curl -k ${url}
  npm exec -- flota ${next}stop nano-container@2
  npm stop${cluster === 'flota' ? '' : ` -- --name ${cluster}`}
`)

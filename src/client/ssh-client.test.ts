import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realClock } from '../lib/clock.ts'
import { SshClient } from './ssh-client.ts'
import { prepareSsh, sshConfig } from './ssh.ts'

/**
 * A program called `ssh`: hosts named `dead` never answer, `refused` fail, `bare` have no API, all others lead to the socket of this test.
 * It notes what it was called with.
 */
const program = `#!/usr/bin/env node
const { appendFileSync } = require('node:fs')
const { connect } = require('node:net')
const args = process.argv.slice(2)
appendFileSync(process.env.SSH_NOTES, args.join(' ') + '\\n')
const end = (code, words) => { process.stderr.write(words); process.exitCode = code }
const is = (word) => args.includes(word)
if (is('-O')) process.exit(is('standing') ? 0 : 255)
else if (is('refused')) end(255, 'connect to host refused: Connection refused')
else if (is('dead')) setTimeout(() => {}, 60_000)
else if (is('true')) process.exit(0)
else if (is('bare')) end(1, 'Cannot connect to socket')
else {
  const socket = connect(process.env.SSH_SOCKET)
  process.stdin.pipe(socket)
  socket.pipe(process.stdout)
}
`

let folder: string
let server: Server
let path: string | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flota-ssh-'))
  await writeFile(join(folder, 'ssh'), program)
  await chmod(join(folder, 'ssh'), 0o755)
  path = process.env['PATH']
  Object.assign(process.env, {
    PATH: `${folder}:${path ?? ''}`,
    SSH_NOTES: join(folder, 'notes'),
    SSH_SOCKET: join(folder, 'api.sock'),
  })
  server = createServer((request, response) => void response.end(`${request.method ?? ''} ${request.url ?? ''}`))
  await new Promise<void>((resolve) => server.listen(join(folder, 'api.sock'), resolve))
})
afterEach(async () => {
  process.env['PATH'] = path
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

const settings = {
  name: 'context-t',
  user: 'core',
  identityFile: '/keys/my id',
  knownHostsFile: '/keys/100%',
  hostKeys: 'accept-new',
  connectTimeoutSeconds: 10,
  isComplete: true,
} as const

async function clientOf(...hosts: readonly string[]): Promise<SshClient> {
  const ssh = await prepareSsh(settings, { XDG_RUNTIME_DIR: folder })
  return new SshClient({
    ssh,
    hosts: hosts.map((host) => ({ host })),
    before: [],
    onward: ['fleetctl', 'fd-forward', '/run/fleet.sock'],
    clock: realClock,
    timeoutMs: 10_000,
  })
}

const ask = (client: SshClient) => client.send({ method: 'GET', path: '/x' })
const notes = async () => (await readFile(join(folder, 'notes'), 'utf8')).trim().split('\n')

it('requests share one session', async () => {
  const client = await clientOf('good')
  expect((await ask(client)).body).toBe('GET /x')
  expect((await ask(client)).status).toBe(200)
  client.close()
  expect((await notes()).filter((note) => note.includes('fd-forward')).length).toBe(1)
  expect((await notes()).at(-1)).toMatch(/^-T -F \S+ good fleetctl fd-forward \/run\/fleet.sock$/)
})

it('a first machine that is dead costs two seconds at most, one that refuses next to nothing', async () => {
  const started = performance.now()
  const client = await clientOf('refused', 'dead', 'good')
  expect((await ask(client)).status).toBe(200)
  expect(performance.now() - started).toBeLessThan(4_000)
  expect(client.endpoint).toBe('ssh://core@good')
  client.close()
}, 15_000)

it('a machine whose API is gone is replaced by the next', async () => {
  const client = await clientOf('bare', 'good')
  expect((await ask(client)).body).toBe('GET /x')
  expect((await client.host()).host).toBe('good')
  client.close()
})

it('a connection that stands already goes first', async () => {
  const client = await clientOf('dead', 'standing')
  expect((await ask(client)).status).toBe(200)
  client.close()
  expect((await notes()).some((note) => note.endsWith('dead true'))).toBe(false)
})

it('when no machine answers every reason is told', async () => {
  const client = await clientOf('refused', 'bare')
  await expect(ask(client)).rejects.toThrow(
    /^Cannot reach any machine of the cluster: .*at 'bare': Cannot connect to socket; Cannot connect to 'refused'/,
  )
  const none = await clientOf('refused')
  await expect(ask(none)).rejects.toThrow(/^Cannot connect to 'refused' over SSH: connect to host refused/)
})

it('the configuration is complete for a context, and adds to the user’s own for a tunnel', () => {
  expect(sshConfig(settings, '/run/user/0/flota')).toBe(
    [
      'User "core"',
      'IdentityFile "/keys/my id"',
      'IdentitiesOnly yes',
      'UserKnownHostsFile "/keys/100%%"',
      'StrictHostKeyChecking accept-new',
      'ConnectTimeout 10',
      'ServerAliveInterval 1',
      'ServerAliveCountMax 2',
      'LogLevel ERROR',
      'ControlMaster no',
      'ControlPath "/run/user/0/flota/%C"',
      'BatchMode yes',
      '',
    ].join('\n'),
  )
  expect(sshConfig({ ...settings, isComplete: false, hostKeys: 'no' }, '/r')).toMatch(
    /StrictHostKeyChecking no\nUserKnownHostsFile \/dev\/null\n[^]*Include ~\/.ssh\/config\nInclude \/etc\/ssh\/ssh_config\n$/,
  )
  expect(() => sshConfig({ ...settings, user: 'a"b' }, '/r')).toThrow(/has a quote/)
})

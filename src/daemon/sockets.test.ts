import { mkdtemp, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { defaultSocket, serveOn, socketsToServe, toOpenAddresses } from './sockets.ts'

it.each([
  ['none without activation', {}, [{ path: defaultSocket }]],
  ['none when they are for another process', { LISTEN_FDS: '1', LISTEN_PID: '8' }, [{ path: defaultSocket }]],
  ['all that were handed over', { LISTEN_FDS: '2', LISTEN_PID: '7' }, [{ fd: 3 }, { fd: 4 }]],
])('socketsToServe takes %s', (_title, env, expected) => {
  expect(socketsToServe(env, 7)).toEqual(expected)
})

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flota-sockets-'))
})
afterEach(() => rm(directory, { recursive: true }))

const statusOf = (socketPath: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    request({ socketPath, path: '/' }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })

it('serveOn answers on a socket that the world cannot open, also after a crash left the old one', async () => {
  const path = join(directory, 'api.sock')
  const first = await serveOn([{ path }], (_, response) => response.writeHead(200).end())
  const second = await serveOn([{ path }], (_, response) => response.writeHead(204).end())
  expect(await statusOf(path)).toBe(204)
  expect((await stat(path)).mode & 0o007).toBe(0)
  await Promise.all([first.close(), second.close()])
})

it.each([
  ['a unix socket', '/run/fleet.sock', []],
  ['a socket that is closed', null, []],
  ['an address', { address: '0.0.0.0', port: 49153, family: 'IPv4' }, ['0.0.0.0:49153']],
  ['an address of IPv6', { address: '::', port: 49153, family: 'IPv6' }, ['[::]:49153']],
])('toOpenAddresses of %s tells where the network reaches it', (_title, bound, expected) => {
  expect(toOpenAddresses(bound)).toEqual(expected)
})

it('serveOn names the socket that cannot be served', async () => {
  await expect(serveOn([{ path: join(directory, 'no', 'api.sock') }], () => {})).rejects.toThrow('no/api.sock')
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { serveDiscovery, type DiscoveryServer } from './server.ts'

let dir: string
let server: DiscoveryServer
let clock: ManualClock
let lines: string[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flota-discovery-'))
  clock = new ManualClock()
  lines = []
  server = await start()
})

afterEach(async () => {
  await server.close().catch(() => {})
  await rm(dir, { recursive: true })
})

function start(): Promise<DiscoveryServer> {
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) })
  return serveDiscovery({ listen: '127.0.0.1:0', dataDir: dir, clock, log })
}

const newToken = async (size = '3'): Promise<string> => (await fetch(`${server.url}/new?size=${size}`)).text()

const put = (url: string, value: string): Promise<Response> =>
  fetch(`${url}?prevExist=false`, { method: 'PUT', body: new URLSearchParams({ value }) })

describe('/new', () => {
  it.each([
    ['the size in the query', '/new?size=5', '5'],
    ['no size', '/new', '3'],
    ['an empty size', '/new?size=', '3'],
  ])('makes a token for %s', async (_title, path, size) => {
    const answer = await fetch(server.url + path, { method: 'PUT' })
    const url = await answer.text()
    expect(answer.status).toBe(200)
    expect(url).toMatch(new RegExp(`^${server.url}/[0-9a-f]{32}$`))
    expect(await (await fetch(`${url}/_config/size`)).json()).toMatchObject({ node: { value: size } })
  })

  it('takes the size from a form', async () => {
    const answer = await fetch(`${server.url}/new`, { method: 'POST', body: new URLSearchParams({ size: '1' }) })
    const size = await fetch(`${await answer.text()}/_config/size`)
    expect(await size.json()).toMatchObject({ node: { value: '1' } })
  })

  it.each(['0', '-1', 'abc', '1.5', '1e3', '99999999999999999999'])(
    'refuses the size %s in plain text',
    async (size) => {
      const answer = await fetch(`${server.url}/new?size=${size}`)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await answer.text()).toContain(`'${size}'`)
    },
  )
})

describe('a token', () => {
  it('tells its size and members as etcd does', async () => {
    const url = await newToken()
    const token = url.slice(-32)
    const key = `/_etcd/registry/${token}`
    const size = await fetch(`${url}/_config/size?quorum=false&recursive=false&sorted=false`)
    expect(await size.json()).toEqual({
      action: 'get',
      node: { key: `${key}/_config/size`, value: '3', modifiedIndex: 1, createdIndex: 1 },
    })
    expect(await (await fetch(url)).json()).toEqual({
      action: 'get',
      node: { key, dir: true, modifiedIndex: 1, createdIndex: 1 },
    })
    const created = await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    const node = { key: `${key}/a1`, value: 'm1=http://10.0.0.1:2380', modifiedIndex: 2, createdIndex: 2 }
    expect([created.status, created.headers.get('x-etcd-index')]).toEqual([201, '2'])
    expect(await created.json()).toEqual({ action: 'create', node })
    const list = await fetch(`${url}/?recursive=false`)
    expect(list.headers.get('x-etcd-index')).toBe('2')
    expect(await list.json()).toMatchObject({ node: { nodes: [node] } })
    expect(await (await fetch(`${url}/a1`)).json()).toEqual({ action: 'get', node })
  })

  it('logs who registered', async () => {
    const url = await newToken()
    await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      msg: 'Member registered',
      token: url.slice(-32),
      member: 'a1',
      name: 'm1',
      peerUrls: ['http://10.0.0.1:2380'],
    })
  })

  it('answers the same registration again with 201, another value with 412 and code 105', async () => {
    const url = await newToken()
    await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    const again = await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    expect([again.status, await again.json()]).toMatchObject([201, { node: { createdIndex: 2 } }])
    const other = await put(`${url}/a1`, 'm1=http://10.0.0.9:2380')
    expect(other.status).toBe(412)
    expect(await other.json()).toEqual({
      errorCode: 105,
      message: 'Key already exists',
      cause: `/_etcd/registry/${url.slice(-32)}/a1`,
      index: 2,
    })
  })

  it.each([
    ['a value that names no peer', 'a1', 'nonsense'],
    ['no value', 'a1', ''],
    ['an id with other characters', 'a%2F..', 'm1=http://10.0.0.1:2380'],
    ['a value without end', 'a1', `m1=http://${'a'.repeat(5000)}:2380`],
  ])('refuses %s', async (_title, id, value) => {
    const url = await newToken()
    const answer = await put(`${url}/${id}`, value)
    expect([answer.status, await answer.json()]).toMatchObject([400, { errorCode: 210 }])
  })

  it('frees the place of a member that is deleted', async () => {
    const url = await newToken()
    await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    const gone = await fetch(`${url}/a1`, { method: 'DELETE' })
    expect(await gone.json()).toMatchObject({ action: 'delete', prevNode: { createdIndex: 2 } })
    const again = await put(`${url}/a1`, 'm1=http://10.0.0.9:2380')
    expect([again.status, await again.json()]).toMatchObject([201, { node: { createdIndex: 4 } }])
    expect((await fetch(`${url}/b2`, { method: 'DELETE' })).status).toBe(404)
  })
})

describe('wrong requests', () => {
  const unknown = 'f'.repeat(32)

  it.each([`/${unknown}`, `/${unknown}/_config/size`, `/${unknown}/a1`, `/${unknown}/?wait=true`])(
    'answers GET %s of a token that it does not know with code 100',
    async (path) => {
      const answer = await fetch(server.url + path)
      expect([answer.status, answer.headers.get('x-etcd-index')]).toEqual([404, '0'])
      expect(await answer.json()).toMatchObject({ errorCode: 100, message: 'Key not found', index: 0 })
    },
  )

  it('answers PUT under an unknown token with code 100', async () => {
    const answer = await put(`${server.url}/${unknown}/a1`, 'm1=http://10.0.0.1:2380')
    expect([answer.status, await answer.json()]).toMatchObject([404, { errorCode: 100 }])
  })

  it.each([
    ['POST', `/${unknown}/a1`, 405],
    ['PUT', `/${unknown}`, 405],
    ['PUT', `/${unknown}/_config/size`, 405],
    ['PUT', `/${unknown}/_x`, 405],
    ['DELETE', '/new', 405],
    ['GET', '/', 404],
    ['GET', '/elsewhere', 404],
    ['GET', `/${unknown}/a/b`, 404],
    ['GET', `/${unknown}/_config/other`, 404],
    ['GET', `/${unknown.toUpperCase()}`, 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await fetch(server.url + path, { method })).status).toBe(status)
  })

  it('survives a body that is too large', async () => {
    const url = await newToken()
    await put(`${url}/a1`, 'x'.repeat(100_000)).catch(() => {})
    expect(await (await fetch(`${server.url}/health`)).text()).toBe('OK')
  })
})

describe('a long poll', () => {
  it('is answered by the next registration', async () => {
    const url = await newToken()
    const poll = fetch(`${url}?recursive=true&wait=true&waitIndex=2`)
    await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    expect(await (await poll).json()).toMatchObject({ action: 'create', node: { createdIndex: 2 } })
  })

  it('is answered at once with the registration it has missed', async () => {
    const url = await newToken()
    await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
    const poll = await fetch(`${url}/a1?recursive=false&wait=true&waitIndex=2`)
    expect(await poll.json()).toMatchObject({ action: 'create', node: { createdIndex: 2 } })
  })

  it('ends empty after 25 s', async () => {
    const url = await newToken()
    let isOver = false
    const poll = fetch(`${url}?recursive=true&wait=true&waitIndex=2`).finally(() => (isOver = true))
    await expect
      .poll(async () => {
        await clock.advance(25_000)
        return isOver
      })
      .toBe(true)
    const answer = await poll
    expect([answer.status, await answer.text(), answer.headers.get('x-etcd-index')]).toEqual([200, '', '1'])
  })

  it('ends empty when the server closes', async () => {
    const url = await newToken()
    const poll = fetch(`${url}?recursive=true&wait=true&waitIndex=2`)
    await fetch(`${server.url}/health`)
    await server.close()
    expect(await (await poll).text()).toBe('')
  })
})

it('a restart keeps tokens, members and the index', async () => {
  const url = await newToken()
  await put(`${url}/a1`, 'm1=http://10.0.0.1:2380')
  const path = new URL(url).pathname
  await server.close()
  server = await start()
  const answer = await fetch(server.url + path)
  expect(answer.headers.get('x-etcd-index')).toBe('2')
  expect(await answer.json()).toMatchObject({ node: { nodes: [{ createdIndex: 2 }] } })
})

it.each(['nowhere', '127.0.0.1', '127.0.0.1:99999', ':80'])(
  "serveDiscovery refuses to listen on '%s'",
  async (listen) => {
    const options = { listen, dataDir: dir, clock, log: createLog({ level: 'error', format: 'text' }) }
    await expect(serveDiscovery(options)).rejects.toThrow(`Cannot listen on '${listen}'`)
  },
)

it('serveDiscovery says which port is taken', async () => {
  const listen = new URL(server.url).host
  const options = { listen, dataDir: join(dir, 'b'), clock, log: createLog({ level: 'error', format: 'text' }) }
  await expect(serveDiscovery(options)).rejects.toMatchObject({ code: 'failed_precondition' })
})

import { expect, it } from 'vitest'
import type { Fetch } from './client.ts'
import { findClientUrls } from './find-members.ts'

const discovery = 'http://d/0123456789abcdef0123456789abcdef'
const etcdMembers = JSON.stringify([
  {
    id: 2,
    name: 'm2',
    peerURLs: ['http://10.0.0.2:2380'],
    clientURLs: ['http://10.0.0.2:2379', 'http://10.0.0.2:4001'],
  },
  { id: 1, name: 'm1', peerURLs: ['http://10.0.0.1:2380'], clientURLs: ['http://10.0.0.1:2379'] },
  { id: 3, name: '', peerURLs: ['http://10.0.0.3:2380'] },
])
const found = ['http://10.0.0.1:2379', 'http://10.0.0.2:2379', 'http://10.0.0.2:4001']

const token = {
  [`${discovery}/_config/size`]: JSON.stringify({ node: { key: '/t/_config/size', value: '2', createdIndex: 1 } }),
  [discovery]: JSON.stringify({
    node: {
      key: '/t',
      createdIndex: 1,
      nodes: [
        { key: '/t/c', value: 'm3=http://10.0.0.3:2380', createdIndex: 4 },
        { key: '/t/b', value: 'm2=http://10.0.0.2:2380', createdIndex: 3 },
        { key: '/t/a', value: 'm1=http://10.0.0.1:2380', createdIndex: 2 },
      ],
    },
  }),
}

/** A network with these pages only; what was asked for is written down. */
function network(pages: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const fetch: Fetch = (url) => {
    asked.push(url)
    const body = pages[url]
    if (body === undefined)
      return Promise.reject(new TypeError('fetch failed', { cause: new Error(`no route to ${url}`) }))
    return Promise.resolve({ status: 200, text: () => Promise.resolve(body) })
  }
  return {
    asked,
    options: { fetch, signal: new AbortController().signal },
  }
}

it('asks the members of the token, and gives what one of them knows', async () => {
  const { asked, options } = network({ ...token, 'http://10.0.0.2:2380/members': etcdMembers })
  expect(await findClientUrls(discovery, options)).toEqual(found)
  expect(asked.filter((url) => url.endsWith('/members'))).toEqual([
    'http://10.0.0.1:2380/members',
    'http://10.0.0.2:2380/members',
  ])
})

it('does not wait for a member that never answers', async () => {
  const { options } = network({ ...token, 'http://10.0.0.2:2380/members': etcdMembers })
  const signals: AbortSignal[] = []
  const fetch: Fetch = (url, init) => {
    if (url !== 'http://10.0.0.1:2380/members') return options.fetch(url, init)
    signals.push(init.signal)
    return new Promise(() => {})
  }
  expect(await findClientUrls(discovery, { ...options, fetch })).toEqual(found)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

it('goes on where a member knows no client URL yet', async () => {
  const { options } = network({
    ...token,
    'http://10.0.0.1:2380/members': '[]',
    'http://10.0.0.2:2380/members': etcdMembers,
  })
  expect(await findClientUrls(discovery, options)).toEqual(found)
})

it('says why each member could not be asked', async () => {
  await expect(findClientUrls(discovery, network(token).options)).rejects.toThrow(
    `Cannot find the etcd members of '${discovery}': no route to http://10.0.0.1:2380/members; no route to http://10.0.0.2:2380/members`,
  )
})

it('says when nobody has registered', async () => {
  const empty = { ...token, [discovery]: JSON.stringify({ node: { key: '/t', dir: true, createdIndex: 1 } }) }
  await expect(findClientUrls(discovery, network(empty).options)).rejects.toMatchObject({
    code: 'unavailable',
    message: `Cannot find the etcd members of '${discovery}': nobody has registered yet`,
  })
})

it('passes on that the service is away', async () => {
  await expect(findClientUrls(discovery, network({}).options)).rejects.toMatchObject({ code: 'unavailable' })
})

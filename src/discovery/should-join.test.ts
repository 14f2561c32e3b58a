import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import type { DiscoveryMember, Fetch } from './client.ts'
import { judge, readEtcdSettings, shouldJoin, type JoinOptions } from './should-join.ts'

const member = (n: number): DiscoveryMember => ({
  id: `${n}`,
  index: n,
  name: `m${n}`,
  peerUrls: [`http://10.0.0.${n}:2380`],
})

describe('judge', () => {
  it.each([
    ['has room', [member(1)], 'http://10.0.0.9:2380', true],
    ['lists this machine', [member(1), member(2)], 'http://10.0.0.2:2380', true],
    ['lists this machine with another spelling', [member(1), member(2)], 'HTTP://10.0.0.2:2380/', true],
    ['is full of others', [member(1), member(2)], 'http://10.0.0.9:2380', false],
  ])('a token that %s', (...[, members, own, expected]) => {
    expect(judge({ size: 2, members, late: [] }, [own]).join).toBe(expected)
  })

  it('a machine that registered too late has no place', () => {
    const state = { size: 1, members: [member(1)], late: [member(2)] }
    expect(judge(state, ['http://10.0.0.2:2380'])).toEqual({
      join: false,
      reason: 'the token has its 1 members, and this machine is none of them',
    })
  })
})

it('readEtcdSettings has the defaults of etcd', () => {
  expect(readEtcdSettings({})).toEqual({
    discovery: '',
    peerUrls: ['http://localhost:2380'],
    dataDir: 'default.etcd',
    walDir: 'default.etcd/member/wal',
  })
})

describe('shouldJoin', () => {
  const discovery = 'http://10.0.0.1:8087/0123456789abcdef0123456789abcdef'
  let dir: string
  let clock: ManualClock

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'flota-join-'))
    clock = new ManualClock()
  })

  afterEach(() => rm(dir, { recursive: true }))

  const settings = (env: Readonly<Record<string, string>> = {}) =>
    readEtcdSettings({
      ETCD_DISCOVERY: discovery,
      ETCD_DATA_DIR: dir,
      ETCD_INITIAL_ADVERTISE_PEER_URLS: 'http://10.0.0.9:2380',
      ...env,
    })

  const options = (fetch: Fetch): JoinOptions => ({
    fetch,
    clock,
    random: () => 1,
    withinMs: 60_000,
    signal: new AbortController().signal,
  })

  const away: Fetch = () => Promise.reject(new Error('connection refused'))
  const never: Fetch = () => Promise.reject(new Error('nobody should have asked'))

  it('joins without a question where etcd has a log already', async () => {
    await mkdir(join(dir, 'member/wal'), { recursive: true })
    await writeFile(join(dir, 'member/wal/0000000000000000-0000000000000000.wal'), '')
    expect(await shouldJoin(settings(), options(never))).toMatchObject({ join: true })
  })

  it('joins without a question where no discovery URL is set', async () => {
    expect(await shouldJoin(settings({ ETCD_DISCOVERY: '' }), options(never))).toMatchObject({ join: true })
  })

  it('asks again while the service is away', async () => {
    let asked = 0
    const fetch: Fetch = (url, init) => (++asked < 4 ? away(url, init) : fullToken(url, init))
    const verdict = shouldJoin(settings(), options(fetch))
    await advanceUntilDone(verdict)
    expect(await verdict).toMatchObject({ join: false })
    expect(asked).toBe(5)
  })

  it('gives up after its time, naming the URL', async () => {
    const verdict = shouldJoin(settings(), options(away))
    await advanceUntilDone(verdict)
    await expect(verdict).rejects.toThrow(`Cannot reach '${discovery}/_config/size': connection refused`)
  })

  it('treats silence as absence', async () => {
    const silent: Fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const verdict = shouldJoin(settings(), options(silent))
    await advanceUntilDone(verdict)
    await expect(verdict).rejects.toThrow('no answer within 5000 ms')
  })

  it('remembers that the token was full when the service is gone', async () => {
    await shouldJoin(settings(), options(fullToken))
    expect(await shouldJoin(settings(), options(away))).toMatchObject({ join: false })
    const other = settings({ ETCD_DISCOVERY: `${discovery.slice(0, -1)}0` })
    const verdict = shouldJoin(other, options(away))
    await advanceUntilDone(verdict)
    await expect(verdict).rejects.toThrow('connection refused')
  })

  it.each([
    [
      'a token that the service does not know',
      answering(404, '{"errorCode":100}'),
      discovery,
      'does not know this token',
    ],
    [
      'the example’s own placeholder',
      never,
      'https://discovery.etcd.io/<discovery_id>',
      'an http or https URL is expected',
    ],
    ['a page that is no answer of etcd', answering(200, '<html>'), discovery, "its answer is not etcd's"],
  ])('refuses at once %s', async (...[, fetch, url, message]) => {
    await expect(shouldJoin(settings({ ETCD_DISCOVERY: url }), options(fetch))).rejects.toThrow(message)
  })

  async function advanceUntilDone(promise: Promise<unknown>): Promise<void> {
    let isDone = false
    const done = () => void (isDone = true)
    promise.then(done, done)
    await expect
      .poll(
        async () => {
          await clock.advance(1_000)
          return isDone
        },
        { interval: 1 },
      )
      .toBe(true)
  }
})

function answering(status: number, body: string): Fetch {
  return () => Promise.resolve({ status, text: () => Promise.resolve(body) })
}

/** A token of size 1 that has its member. */
const fullToken: Fetch = (url, options) => {
  const node = url.endsWith('/size')
    ? { key: '/t/_config/size', value: '1', createdIndex: 1 }
    : { key: '/t', createdIndex: 1, nodes: [{ key: '/t/a', value: 'm1=http://10.0.0.1:2380', createdIndex: 2 }] }
  return answering(200, JSON.stringify({ action: 'get', node }))(url, options)
}

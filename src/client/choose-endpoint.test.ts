import { describe, expect, it } from 'vitest'
import { chooseEndpoint, parseEndpoint, parseHost } from './choose-endpoint.ts'

const nothing = { endpoint: undefined, tunnel: undefined, context: undefined }
const nowhere = { hasLocalSocket: false, currentContext: undefined }
const unix = { kind: 'unix', path: '/run/fleet.sock' }

describe('chooseEndpoint', () => {
  it.each([
    [
      'an endpoint goes before a context',
      { ...nothing, endpoint: 'unix:///x', context: 'c' },
      nowhere,
      { kind: 'unix', path: '/x' },
    ],
    [
      'a named context goes before the local socket',
      { ...nothing, context: 'c' },
      { ...nowhere, hasLocalSocket: true },
      { kind: 'context', name: 'c' },
    ],
    ['the local socket goes before the current context', nothing, { hasLocalSocket: true, currentContext: 'c' }, unix],
    [
      'the current context is the last resort',
      nothing,
      { ...nowhere, currentContext: 'c' },
      { kind: 'context', name: 'c' },
    ],
    [
      'a tunnel leads to the default socket',
      { ...nothing, tunnel: 'h:2222' },
      nowhere,
      { kind: 'tunnel', through: { host: 'h', port: 2222 }, to: unix },
    ],
    [
      'a tunnel leads to the endpoint that is given',
      { ...nothing, tunnel: 'h', endpoint: 'file:///y' },
      nowhere,
      { kind: 'tunnel', through: { host: 'h' }, to: { kind: 'unix', path: '/y' } },
    ],
  ])('%s', (...[, wish, here, expected]) => {
    expect(chooseEndpoint(wish, here)).toEqual(expected)
  })

  it('says what to do when there is nothing to choose', () => {
    expect(() => chooseEndpoint(nothing, nowhere)).toThrow(/Cannot find a cluster/)
  })
})

describe('parseEndpoint', () => {
  it('takes the first of a list', () => {
    expect(parseEndpoint('http://10.0.0.1:49153,unix:///x')).toEqual({
      kind: 'url',
      url: new URL('http://10.0.0.1:49153'),
    })
  })

  it.each(['', 'x', '127.0.0.1:80', 'ftp://x', 'unix://var/run/x', 'unix://', 'http://h/path', 'http://h?x'])(
    "refuses '%s'",
    (text) => {
      expect(() => parseEndpoint(text)).toThrow(/Unable to initialize client/)
    },
  )
})

describe('parseHost', () => {
  it.each([
    ['h', { host: 'h' }],
    ['10.0.0.1:22', { host: '10.0.0.1', port: 22 }],
    ['[fd00::1]:2222', { host: 'fd00::1', port: 2222 }],
    ['fd00::1', { host: 'fd00::1' }],
  ])('reads %s', (text, expected) => {
    expect(parseHost(text)).toEqual(expected)
  })

  it.each(['', '-oProxyCommand=x', 'a b', 'h:0', 'h:99999', 'h:x', 'user@h', 'h;reboot'])("refuses '%s'", (text) => {
    expect(() => parseHost(text)).toThrow(/Cannot use tunnel/)
  })
})

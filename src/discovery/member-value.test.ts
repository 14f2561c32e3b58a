import { expect, it } from 'vitest'
import { parseMemberValue } from './member-value.ts'

it.each([
  ['one peer URL', 'm1=http://10.0.0.1:2380', { name: 'm1', peerUrls: ['http://10.0.0.1:2380'] }],
  [
    'several peer URLs of one member',
    'm1=http://10.0.0.1:2380,m1=https://10.0.0.1:2381',
    { name: 'm1', peerUrls: ['http://10.0.0.1:2380', 'https://10.0.0.1:2381'] },
  ],
  [
    'an IPv6 address and a slash at the end',
    'a=http://[fd00::1]:2380/',
    { name: 'a', peerUrls: ['http://[fd00::1]:2380'] },
  ],
  ['two members in one value', 'm1=http://a:1,m2=http://b:1', undefined],
  ['no name', '=http://10.0.0.1:2380', undefined],
  ['no URL', 'm1=', undefined],
  ['another scheme', 'm1=ftp://10.0.0.1', undefined],
  ['a path', 'm1=http://10.0.0.1:2380/x', undefined],
  ['a port that is none', 'm1=http://10.0.0.1:99999', undefined],
  ['nothing', '', undefined],
])('parseMemberValue reads %s', (_title, value, expected) => {
  expect(parseMemberValue(value)).toEqual(expected)
})

import { expect, it } from 'vitest'
import { findMissingAddresses, substituteAddresses } from './substitute.ts'

const addresses = { private_ipv4: '10.0.0.1', public_ipv4: '203.0.113.1' }

it.each([
  ['a token', 'http://$private_ipv4:2379', 'http://10.0.0.1:2379'],
  ['two tokens side by side', '$private_ipv4$private_ipv4', '10.0.0.110.0.0.1'],
  ['different tokens side by side', '$private_ipv4$public_ipv4', '10.0.0.1203.0.113.1'],
  ['a token with letters behind it', '$private_ipv4x', '10.0.0.1x'],
  ['an escaped token', '\\$private_ipv4', '$private_ipv4'],
  ['an escaped token after a token', '$private_ipv4\\$private_ipv4', '10.0.0.1$private_ipv4'],
  ['an address that is absent', '[$public_ipv6]', '[]'],
  ['another variable', '$private_ipv $HOME', '$private_ipv $HOME'],
])('substituteAddresses replaces %s', (_title, text, expected) => {
  expect(substituteAddresses(text, addresses)).toBe(expected)
})

it('findMissingAddresses names each absent one once, escaped ones not at all', () => {
  const text = '\\$public_ipv6 $public_ipv6 $public_ipv6 $private_ipv4'
  expect(findMissingAddresses(text, addresses)).toEqual([{ name: 'public_ipv6', offset: 14 }])
})

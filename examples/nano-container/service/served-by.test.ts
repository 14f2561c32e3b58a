import { expect, test } from 'vitest'
import { servedBy } from './served-by.ts'

test.each([
  ['names the machine that /etc/hosts gives', '127.0.0.1 localhost\n127.0.1.1\tflota-2\n', 'flota-2/3f2a9c1b7d10'],
  ['takes the short name, the last one', '127.0.1.1 flota-2.example flota-2 # own name\n', 'flota-2/3f2a9c1b7d10'],
  ['names only the instance when the machine is not known', '127.0.0.1 localhost\n', '3f2a9c1b7d10'],
  ['names only the instance in a comment-only file', '# 127.0.1.1 flota-2\n', '3f2a9c1b7d10'],
  ['does not say the same name twice', '127.0.1.1 3f2a9c1b7d10\n', '3f2a9c1b7d10'],
])('servedBy %s', (_title, hosts, expected) => {
  expect(servedBy(hosts, '3f2a9c1b7d10')).toBe(expected)
})

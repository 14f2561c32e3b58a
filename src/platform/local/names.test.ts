import { describe, expect, it } from 'vitest'
import {
  bridgeName,
  clusterTag,
  groupName,
  linkName,
  machineIndex,
  machineName,
  maxMachines,
  parseClusterName,
  scopeName,
} from './names.ts'

const longest = 'a-cluster-of-thirty-characters'

describe('parseClusterName', () => {
  it.each(['flota', 'a', 'trial-2', longest])('takes %s', (name) => {
    expect(parseClusterName(name)).toBe(name)
  })

  it.each(['', '2nd', 'Flota', 'a_b', 'a.b', '../x', 'a-', '-a', `${longest}x`, 'a b', 'ä'])('refuses "%s"', (name) => {
    expect(() => parseClusterName(name)).toThrow(`Cannot name a cluster '${name}'`)
  })
})

describe('names of links', () => {
  it.each(['flota', longest, 'nine-char', 'ten-chars-'])('fit the 15 characters of the kernel for %s', (cluster) => {
    expect(bridgeName(cluster).length).toBeLessThanOrEqual(15)
    expect(linkName(cluster, maxMachines).length).toBeLessThanOrEqual(15)
  })

  it('are readable for a short cluster name', () => {
    expect(bridgeName('flota')).toBe('fl-flota')
    expect(scopeName('flota', 3)).toBe('flota-3')
    expect(linkName('flota', 3)).toBe('vb-flota-3')
  })

  it('differ for long names that begin alike', () => {
    expect(clusterTag('production-east')).not.toBe(clusterTag('production-west'))
  })

  it('have no doubled dash where a long name is cut at one', () => {
    expect(clusterTag('abc-defghijkl')).toMatch(/^abc-[0-9a-f]{4}$/)
  })
})

describe('machineIndex', () => {
  it('is the inverse of machineName', () => {
    for (let index = 1; index <= maxMachines; index++)
      expect(machineIndex('flota', machineName('flota', index))).toBe(index)
  })

  it.each([
    'flota',
    'flota-',
    'flota-0',
    'flota-01',
    'flota-100',
    'flota-x',
    'other-1',
    'flota-1.partial',
    'flota-2-1',
  ])('%s is no machine of flota', (name) => {
    expect(machineIndex('flota', name)).toBeUndefined()
  })
})

it('groups of the same machine name in two state folders differ', () => {
  const [a, b] = ['/var/lib/flota', '/tmp/test'].map((state) => groupName(`${state}/clusters/flota/machines/flota-1`))
  expect(a).toMatch(/^flota-flota-1-[0-9a-f]{8}$/)
  expect(a).not.toBe(b)
})

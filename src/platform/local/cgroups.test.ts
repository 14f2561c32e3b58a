import { describe, expect, it } from 'vitest'
import { canRaiseLimits, detectGroups } from './cgroups.ts'

const v2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0'
const hybrid = `tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`
const v1 = `cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd 0 0`

describe('detectGroups', () => {
  it.each([
    ['version 2', v2],
    ['hybrid', hybrid],
    ['version 1', v1],
  ])("leaves groups to the host's systemd: %s", (_, mounts) => {
    expect(detectGroups(mounts, 'systemd')).toEqual({ kind: 'systemd' })
  })

  it.each([
    ['version 2', v2, ['/sys/fs/cgroup']],
    ['hybrid, the unified one first', hybrid, ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']],
    ['version 1', v1, ['/sys/fs/cgroup/systemd']],
    ['none at all', 'proc /proc proc rw 0 0', []],
  ])('joins the hierarchies of a host without systemd: %s', (_, mounts, hierarchies) => {
    expect(detectGroups(mounts, 'init')).toEqual({ kind: 'own', hierarchies })
  })
})

it.each([
  ['all capabilities', 'CapEff:\t000001ffffffffff', true],
  ['all but CAP_SYS_RESOURCE', 'CapInh:\t0000000000000000\nCapEff:\t000001fffeffffff\n', false],
  ['none', 'CapEff:\t0000000000000000', false],
  ['no such line', 'Name:\tnode', false],
])('limits can be raised with %s: %s', (_, status, expected) => {
  expect(canRaiseLimits(status)).toBe(expected)
})

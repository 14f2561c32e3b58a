import { Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { findVerb, rewriteGoFlags, splitRemoteCommand, verbIndex } from './arguments.ts'

const known = [
  new Option('-l, --full'),
  new Option('--no-legend'),
  new Option('--endpoint <url>'),
  new Option('--machine <id>'),
  new Option('-n, --lines <n>'),
  new Option('--strict-host-key-checking [bool]'),
]

describe('rewriteGoFlags', () => {
  it.each([
    [
      ['-endpoint=x', '-full'],
      ['--endpoint=x', '--full'],
    ],
    [
      ['-endpoint', 'x'],
      ['--endpoint', 'x'],
    ],
    [
      ['--full=true', '--full=1', '--full=false', '--no-legend=f'],
      ['--full', '--full'],
    ],
    [['--full=maybe'], ['--full=maybe']],
    [
      ['-l', '-n3', '-'],
      ['-l', '-n3', '-'],
    ],
    [['--h'], ['--help']],
    [['--help=false'], []],
    [['--l'], ['--full']],
    [
      ['--strict-host-key-checking', 'list-units'],
      ['--strict-host-key-checking=true', 'list-units'],
    ],
    [['-strict-host-key-checking=false'], ['--strict-host-key-checking=false']],
    [
      ['--unknown', '-unknown=1'],
      ['--unknown', '-unknown=1'],
    ],
    [
      ['--full', '--', '-full'],
      ['--full', '--', '-full'],
    ],
  ])('%j becomes %j', (args, expected) => {
    expect(rewriteGoFlags(args, known)).toEqual(expected)
  })
})

describe('verbIndex', () => {
  it.each([
    [['start', 'x'], 0],
    [['--endpoint', 'x', 'start'], 2],
    [['--endpoint=x', 'start'], 1],
    [['-endpoint', 'x', 'start'], 2],
    [['--full', 'start'], 1],
    [['--full'], -1],
    [[], -1],
  ])('of %j is %i', (args, at) => {
    expect(verbIndex(args, known)).toBe(at)
  })
})

describe('findVerb', () => {
  const names = ['start', 'status', 'stop', 'load', 'list-units', 'ssh']
  it('takes the name, or the start of just one', () => {
    expect(['load', 'lo', 'sto', 'x'].map((word) => findVerb(word, names))).toEqual(['load', 'load', 'stop', undefined])
  })
  it('refuses what may mean several', () => {
    expect(() => findVerb('sta', names)).toThrow("Cannot tell which command 'sta' means: start, status")
  })
})

describe('splitRemoteCommand', () => {
  it.each([
    [
      ['ssh', 'm', 'ls', '-la'],
      ['ssh', 'm'],
      ['ls', '-la'],
    ],
    [['ssh', 'm'], ['ssh', 'm'], []],
    [
      ['ssh', 'm', '--', 'ls', '--', 'x'],
      ['ssh', 'm'],
      ['ls', '--', 'x'],
    ],
    [['ssh', '--machine', 'm', 'ls'], ['ssh', '--machine', 'm'], ['ls']],
    [['ssh', '--machine=m', '--', '-x'], ['ssh', '--machine=m'], ['-x']],
    [
      ['ssh', '-A', 'm', 'sh', '-c', 'a b'],
      ['ssh', '-A', 'm'],
      ['sh', '-c', 'a b'],
    ],
    [['ssh'], ['ssh'], []],
  ])('%j is %j and the command %j', (argv, args, remoteCommand) => {
    expect(splitRemoteCommand(argv, 0, known)).toEqual({ args, remoteCommand })
  })
})

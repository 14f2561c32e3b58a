import { describe, expect, it } from 'vitest'
import { findUnknownRequirements, parseRequirements } from './requirements.ts'
import { parseUnitFile } from './unit-file.ts'
import { parseUnitName } from './unit-name.ts'

const parse = (lines: readonly string[], unit = 'web@3.service') =>
  parseRequirements(parseUnitName(unit), parseUnitFile(`[Service]\nExecStart=/bin/a\n[X-Fleet]\n${lines.join('\n')}\n`))

const nothing = {
  machineId: undefined,
  machineOf: [],
  metadata: new Map(),
  conflicts: [],
  replaces: [],
  isGlobal: false,
}

describe('parseRequirements', () => {
  it.each([
    { title: 'nothing from an empty section', lines: [], expected: {} },
    { title: 'the first machine id', lines: ['MachineID=abc', 'MachineID=def'], expected: { machineId: 'abc' } },
    { title: 'the oldest name of MachineID', lines: ['X-ConditionMachineBootID=abc'], expected: { machineId: 'abc' } },
    {
      title: "today's name before an older one",
      lines: ['X-ConditionMachineID=old', 'MachineID=new'],
      expected: { machineId: 'new' },
    },
    {
      title: 'several peers',
      lines: ['MachineOf=a.service b.service', 'X-ConditionMachineOf=c.service'],
      expected: { machineOf: ['a.service', 'b.service', 'c.service'] },
    },
    {
      title: 'conflicts on one line and on several',
      lines: ['Conflicts=a*  b?.service', 'X-Conflicts=c.service'],
      expected: { conflicts: ['a*', 'b?.service', 'c.service'] },
    },
    { title: 'nothing from an empty value', lines: ['Conflicts='], expected: {} },
    {
      title: 'metadata: same key as alternatives, other keys besides',
      lines: ['MachineMetadata=disk=ssd', 'MachineMetadata=disk=nvme', 'X-ConditionMachineMetadata=zone=a'],
      expected: {
        metadata: new Map([
          ['disk', ['ssd', 'nvme']],
          ['zone', ['a']],
        ]),
      },
    },
    { title: 'nothing from metadata without one equals sign', lines: ['MachineMetadata=a=b=c', 'MachineMetadata=x'] },
    {
      title: 'quoted lists, blanks kept',
      lines: ['MachineMetadata="region=us east" "disk=ssd"'],
      expected: {
        metadata: new Map([
          ['region', ['us east']],
          ['disk', ['ssd']],
        ]),
      },
    },
    {
      title: 'specifiers',
      lines: ['MachineMetadata=host=%i', 'Conflicts=%p@*.service', 'MachineOf=disk-%N.service'],
      expected: {
        metadata: new Map([['host', ['3']]]),
        conflicts: ['web@*.service'],
        machineOf: ['disk-web@3.service'],
      },
    },
    { title: 'the last word on Global', lines: ['Global=no', 'Global=YES'], expected: { isGlobal: true } },
    { title: 'a Global that is switched off again', lines: ['Global=true', 'Global=false'] },
    { title: 'a Global that is emptied again', lines: ['Global=true', 'Global='] },
    {
      title: 'the first machine id that is one',
      lines: ['MachineID=', 'MachineID=abc'],
      expected: { machineId: 'abc' },
    },
    {
      title: 'words within quotes and words beside them',
      lines: ['Conflicts="a* b*" c "d"', 'Replaces='],
      expected: { conflicts: ['a*', 'b*', 'c', 'd'] },
    },
    {
      title: 'quotes within a value as if they were not there',
      lines: ['MachineMetadata="disk="ssd"" "zo"ne=a"', 'MachineMetadata="'],
      expected: {
        metadata: new Map([
          ['disk', ['ssd']],
          ['zone', ['a']],
        ]),
      },
    },
    {
      title: 'MachineID together with Conflicts',
      lines: ['MachineID=abc', 'Conflicts=x.service'],
      expected: { machineId: 'abc', conflicts: ['x.service'] },
    },
  ])('reads $title', ({ lines, expected = {} }) => {
    expect(parse(lines)).toEqual({ ...nothing, ...expected })
  })

  it('reads [X-Flota] like [X-Fleet], and no other section', () => {
    const options = [
      { section: 'X-Flota', name: 'Global', value: 'true' },
      { section: 'Unit', name: 'Conflicts', value: 'x.service' },
    ]
    expect(parseRequirements(parseUnitName('a.service'), options)).toEqual({ ...nothing, isGlobal: true })
  })

  it.each([
    {
      lines: ['MachineOf=a.service', 'Conflicts=a*'],
      message: 'unresolvable requirements: peer "a.service" matches conflict "a*"',
    },
    {
      lines: ['MachineOf=a.service', 'Replaces=a*'],
      message: 'unresolvable requirements: peer "a.service" matches replace "a*"',
    },
    { lines: ['MachineID=a', 'MachineOf=b.service'], message: 'MachineID cannot be used with Peers' },
    { lines: ['MachineID=a', 'Global=true'], message: 'MachineID cannot be used with Global' },
    { lines: ['MachineID=a', 'Replaces=b.service'], message: 'MachineID cannot be used with Replaces' },
    { lines: ['Global=true', 'MachineOf=b.service'], message: 'Global cannot be used with Peers' },
    { lines: ['Global=true', 'Replaces=b.service'], message: 'Global cannot be used with Replaces' },
    { lines: ['Conflicts=a.service', 'Replaces=b.service'], message: 'Conflicts cannot be used with Replaces' },
  ])("refuses with fleet's words: $message", ({ lines, message }) => {
    expect(() => parse(lines)).toThrow(expect.objectContaining({ message }))
  })
})

describe('findUnknownRequirements', () => {
  it('names each unknown key of the own sections once', () => {
    const text = '[X-Fleet]\nConflict=a\nConflict=b\nGlobal=true\n[Service]\nFoo=1\n[X-Flota]\nSingletn=yes\n'
    expect(findUnknownRequirements(parseUnitFile(text))).toEqual(['Conflict', 'Singletn'])
  })
})

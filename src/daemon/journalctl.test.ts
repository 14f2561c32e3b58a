import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseMachineId } from '../machine/machine.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import { journalctl, parseJournalLine } from './journalctl.ts'

const entry = (fields: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    __CURSOR: 's=1;i=2',
    __REALTIME_TIMESTAMP: '1795460400000123',
    SYSLOG_IDENTIFIER: 'sh',
    _PID: '7',
    MESSAGE: 'hello',
    ...fields,
  })

describe('parseJournalLine', () => {
  const time = '2026-11-23T19:00:00.000123Z'

  it.each([
    ['an entry', entry(), { cursor: 's=1;i=2', time, source: 'sh[7]', message: 'hello' }],
    ['bytes that are no text', entry({ MESSAGE: [104, 105] }), { message: 'hi' }],
    ['a field that is there twice', entry({ MESSAGE: ['one', 'two'] }), { message: 'one' }],
    ['no message', entry({ MESSAGE: null }), { message: '' }],
    ['no identifier', entry({ SYSLOG_IDENTIFIER: undefined, _COMM: 'sleep' }), { source: 'sleep[7]' }],
    ['no process', entry({ _PID: undefined }), { source: 'sh' }],
    ['a clock at its start', entry({ __REALTIME_TIMESTAMP: '5' }), { time: '1970-01-01T00:00:00.000005Z' }],
  ])('reads %s', (_title, text, expected) => {
    expect(parseJournalLine(text)).toMatchObject(expected)
  })

  it.each(['', '{', '[]', 'null', '"x"', '{}', entry({ __CURSOR: 5 }), entry({ __REALTIME_TIMESTAMP: 'x' })])(
    'passes over %j',
    (text) => {
      expect(parseJournalLine(text)).toBeUndefined()
    },
  )
})

describe('journalctl', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flota-journal-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const unit = parseUnitName('-x@a\\x2d.service')
  const never = new AbortController().signal

  /** A program in journalctl's place, which notes how it was called. */
  async function journal(script: string) {
    const program = join(folder, 'journalctl')
    await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" >'${folder}/args'\n${script}\n`)
    await chmod(program, 0o755)
    return journalctl({ machine: parseMachineId('1'.repeat(32)), program })
  }
  const calledWith = async () => (await readFile(join(folder, 'args'), 'utf8')).trimEnd().split('\n')

  it('asks for one unit, by name and not by option, and gives its lines', async () => {
    const { read } = await journal(`echo '${entry()}'; echo '${entry({ MESSAGE: 'again' })}'`)
    const lines = await read({ unit, lines: 5 }, never)
    expect(lines.map(({ message }) => message)).toEqual(['hello', 'again'])
    expect((await calledWith()).slice(-2)).toEqual(['--unit=-x@a\\x2d.service', '--lines=5'])
  })

  it('goes on behind a cursor, and ends the program when it has enough', async () => {
    const { read } = await journal(`while echo '${entry()}'; do :; done`)
    expect(await read({ unit, lines: 3, after: 's=1' }, never)).toHaveLength(3)
    expect((await calledWith()).at(-1)).toBe('--after-cursor=s=1')
  })

  it('is bounded in bytes', async () => {
    const { read } = await journal(`while echo '${entry({ MESSAGE: 'x'.repeat(100_000) })}'; do :; done`)
    expect((await read({ unit, lines: 10_000 }, never)).length).toBeLessThan(50)
  })

  it('gives nothing for an empty journal', async () => {
    const { read } = await journal('')
    expect(await read({ unit, lines: 5 }, never)).toEqual([])
  })

  it('says why it failed', async () => {
    const { read } = await journal('echo "No such file" >&2; exit 1')
    await expect(read({ unit, lines: 5 }, never)).rejects.toThrow(
      /Cannot read logs of unit .*: journalctl: No such file$/,
    )
    const missing = journalctl({ machine: parseMachineId('1'.repeat(32)), program: join(folder, 'none') })
    await expect(missing.read({ unit, lines: 5 }, never)).rejects.toThrow('ENOENT')
  })

  it('takes a cursor that the journal refuses for wrong input', async () => {
    const { read } = await journal('echo "Failed to seek to cursor: Invalid argument" >&2; exit 1')
    await expect(read({ unit, lines: 5, after: 'x' }, never)).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(read({ unit, lines: 5 }, never)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('ends with its signal', async () => {
    const { read } = await journal('exec sleep 60')
    const late = new AbortController()
    const reading = read({ unit, lines: 5 }, late.signal)
    late.abort(new Error('too late'))
    await expect(reading).rejects.toThrow('too late')
  })
})

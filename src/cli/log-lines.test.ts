import { describe, expect, it } from 'vitest'
import type { ApiClient } from '../client/api-client.ts'
import type { LogPlace } from './log-lines.ts'
import { mergeLogs } from './log-lines.ts'
import { LogReader } from './log-reader.ts'

const place = (machine: string): LogPlace => ({
  unit: 'a.service',
  machineID: machine.repeat(32),
  primaryIP: '10.0.0.1',
})
const line = (second: number, message: string) => ({
  cursor: `c${second}`,
  time: `2026-11-23T19:00:0${second}.000001Z`,
  source: 'sh[1]',
  message,
})

describe('mergeLogs', () => {
  const batches = [
    { place: place('1'), lines: [line(1, 'one'), line(3, 'three')] },
    { place: place('2'), lines: [line(2, 'two')] },
  ]

  it('puts lines of several machines in the order of time', () => {
    expect(mergeLogs(batches, 10)).toBe(
      '2026-11-23T19:00:01.000Z a.service 11111111 sh[1]: one\n' +
        '2026-11-23T19:00:02.000Z a.service 22222222 sh[1]: two\n' +
        '2026-11-23T19:00:03.000Z a.service 11111111 sh[1]: three\n',
    )
  })

  it.each([
    [2, ['two', 'three']],
    [0, []],
  ])('keeps the last %i of all together', (most, messages) => {
    expect(mergeLogs(batches, most).match(/[a-z]+$/gm) ?? []).toEqual(messages)
  })

  it('gives each line of a long message its own head, and shows what would steer a terminal', () => {
    const shown = mergeLogs([{ place: place('1'), lines: [line(1, 'a\nb\u001b[2J\tc')] }], 1)
    expect(shown.split('\n').map((text) => text.split(': ')[1])).toEqual(['a', 'b\ufffd[2J\tc', undefined])
  })

  it('keeps the order of one machine where times are the same', () => {
    const same = [{ place: place('1'), lines: [line(1, 'x'), line(1, 'y')] }]
    expect(mergeLogs(same, 2).match(/[a-z]+$/gm)).toEqual(['x', 'y'])
  })
})

describe('LogReader', () => {
  /** An API on a machine that has a.service, or has it not. */
  function apiOf(machine: string, has: boolean) {
    const asked: string[] = []
    const client: ApiClient = {
      endpoint: machine,
      send: ({ path }) => {
        asked.push(path)
        const body = JSON.stringify({ machineID: machine.repeat(32), lines: [line(1, machine)] })
        return Promise.resolve({ status: has ? 200 : 404, headers: {}, body: has ? body : '{}' })
      },
      close: () => asked.push('closed'),
    }
    return { client, asked }
  }
  const range = { lines: 5, after: undefined }

  it('asks the machine that is connected, and reaches for the others once', async () => {
    const [home, other] = [apiOf('1', true), apiOf('2', true)]
    const reached: string[] = []
    const reader = new LogReader(home.client, ({ machineID }) => {
      reached.push(machineID)
      return Promise.resolve(other.client)
    })
    expect(await reader.read(place('1'), range)).toEqual([line(1, '1')])
    expect(await reader.read(place('2'), range)).toEqual([line(1, '2')])
    expect(await reader.read(place('2'), { lines: 5, after: 'c=1' })).toEqual([line(1, '2')])
    expect(reached).toEqual(['2'.repeat(32)])
    expect(other.asked).toEqual([
      '/flota/v1/units/a.service/logs?lines=5',
      '/flota/v1/units/a.service/logs?lines=5&after=c%3D1',
    ])
    reader.close()
    await Promise.resolve()
    expect(other.asked.at(-1)).toBe('closed')
    expect(home.asked).not.toContain('closed')
  })

  it('says when a machine does not have the unit after all', async () => {
    const reader = new LogReader(apiOf('1', false).client, () => Promise.resolve(apiOf('2', false).client))
    await expect(reader.read(place('2'), range)).rejects.toThrow(
      `Cannot read logs of unit 'a.service': machine '${'2'.repeat(32)}' has none`,
    )
  })
})

import { expect, it } from 'vitest'
import { createLog } from './log.ts'

function linesOf(format: 'text' | 'json', write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = []
  write(createLog({ level: 'info', format, write: (line) => lines.push(line) }))
  return lines
}

it('text lines are the constant message and its fields', () => {
  const [line] = linesOf('text', (log) => log.info('Unit placed', { unit: 'a.service', revision: 7n }))
  expect(line).toMatch(/(<6>)?Unit placed unit="a.service" revision="7"\n$/)
})

it('errors are shown by their message, without stack', () => {
  const [line] = linesOf('text', (log) => log.warn('Pass failed', { error: new Error('no route') }))
  expect(line).toContain('error="no route"')
})

it('json lines carry level, time and fields', () => {
  const [line] = linesOf('json', (log) => log.error('Store lost', { endpoint: 'a' }))
  expect(JSON.parse(line ?? '')).toMatchObject({ level: 'error', msg: 'Store lost', endpoint: 'a' })
})

it('lines under the level are left out', () => {
  expect(linesOf('json', (log) => log.debug('noise'))).toEqual([])
})

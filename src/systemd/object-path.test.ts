import { expect, it } from 'vitest'
import { fromObjectPath, toObjectPath } from './object-path.ts'

const rows = [
  ['nano-container@1.service', 'nano_2dcontainer_401_2eservice'],
  ['9to5.timer', '_39to5_2etimer'],
  ['dev-disk-by\\x2dlabel.mount', 'dev_2ddisk_2dby_5cx2dlabel_2emount'],
  ['under_score.socket', 'under_5fscore_2esocket'],
] as const

it.each(rows)('writes %s as systemd does, and reads it back', (unit, label) => {
  expect(toObjectPath(unit)).toBe(`/org/freedesktop/systemd1/unit/${label}`)
  expect(fromObjectPath(toObjectPath(unit))).toBe(unit)
})

it('knows no unit behind the path of something else', () => {
  expect(fromObjectPath('/org/freedesktop/systemd1/job/7')).toBeUndefined()
})

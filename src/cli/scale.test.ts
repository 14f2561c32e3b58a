import { describe, expect, it } from 'vitest'
import { parseScale, planScale, toArgument } from './scale.ts'

const names = (...words: readonly string[]) => words.map((word) => `n@${word}.service`)

describe('parseScale', () => {
  it.each([
    ['n@=5', { template: 'n@.service', folder: '.', count: 5 }],
    ['n@.service=0', { template: 'n@.service', folder: '.', count: 0 }],
    ['units/n@.timer=12', { template: 'n@.timer', folder: 'units', count: 12 }],
  ])('reads %s', (text, scale) => {
    expect(parseScale(text)).toEqual(scale)
  })

  it.each([
    ['n@', "Cannot scale 'n@': it is not TEMPLATE=NUMBER"],
    ['n@=', "'' is not a whole number"],
    ['n@=-1', "'-1' is not a whole number"],
    ['n@=2.5', "'2.5' is not a whole number"],
    ['n@=10001', 'more than 10000 instances'],
    ['n=3', "'n.service' is no template"],
    ['n@1=3', "'n@1.service' is no template"],
    ['=3', 'unit name'],
  ])('refuses %s', (text, why) => {
    expect(() => parseScale(text)).toThrow(why)
  })
})

describe('planScale', () => {
  const plan = (count: number, units: readonly string[]) => planScale(parseScale(`n@=${count}`), units)

  it.each([
    ['makes the first ones', 3, names(), names('1', '2', '3'), []],
    ['keeps what is there', 2, names('1', '2'), names('1', '2'), []],
    ['fills gaps', 4, names('2', '7'), names('1', '2', '3', '7'), []],
    ['takes the highest number first', 1, names('10', '9', '1'), names('1'), names('10', '9')],
    ['takes all', 0, names('1', '2'), [], names('2', '1')],
    ['counts a zero', 1, names('0'), names('0'), []],
    [
      'leaves words and other templates alone',
      1,
      [...names('blue', '01', ''), 'm@1.service', 'n.service'],
      names('1'),
      [],
    ],
  ])('%s', (...[, count, units, keep, remove]) => {
    expect(plan(count, units)).toEqual({ keep, remove })
  })

  it('after itself has nothing to remove and keeps the same', () => {
    const first = plan(3, names('2', '5', '8', '9'))
    expect(plan(3, first.keep)).toEqual({ keep: first.keep, remove: [] })
  })
})

it('an instance lies beside its template', () => {
  const [instance] = planScale(parseScale('units/n@=1'), []).keep
  expect(instance && toArgument(parseScale('units/n@=1'), instance)).toBe('units/n@1.service')
  expect(instance && toArgument(parseScale('n@=1'), instance)).toBe('n@1.service')
})

import { describe, expect, it } from 'vitest'
import { machineId } from '../../test/fixtures/sample-cluster.ts'
import { explain } from './explain.ts'

const rejections = (...pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([filter, reason], index) => ({ machine: machineId(`m${index}`), filter, reason }))

describe('explain', () => {
  it.each([
    { given: rejections(), text: 'there is no machine' },
    { given: rejections(['lost', 'is away']), text: '1 machine is away' },
    { given: rejections(['lost', 'is away'], ['lost', 'is away']), text: '2 machines are away' },
    {
      given: rejections(
        ['metadata', 'lacks disk=ssd'],
        ['conflicts', 'conflicts with a.service'],
        ['conflicts', 'conflicts with b.service'],
        ['conflicts', 'conflicts with c.service'],
      ),
      text: '3 machines conflict; 1 lacks disk=ssd',
    },
    {
      given: rejections(['ready', 'is not ready yet'], ['machine-id', 'is not abc'], ['machine-of', 'does not run x']),
      text: '1 machine does not run x; 1 is not abc; 1 is not ready yet',
    },
    {
      given: rejections(['machine-id', 'is not abc'], ['machine-id', 'is not abc']),
      text: '2 machines are not abc',
    },
    { given: rejections(['later', 'dislikes it'], ['later', 'dislikes it']), text: '2 machines dislikes it' },
  ])('says "$text"', ({ given, text }) => {
    expect(explain(given)).toBe(text)
  })
})

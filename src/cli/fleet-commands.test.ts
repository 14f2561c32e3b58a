import { expect, it } from 'vitest'
import { unknownFleetCommand } from './fleet-commands.ts'

const suggested = (word: string) => [
  ...new Set([...unknownFleetCommand(word).message.matchAll(/^\t(.*)$/gm)].map(([, verb]) => verb)),
]

it.each([
  ['nosuch', []],
  ['list-', ['list-machines', 'list-unit-files', 'list-units']],
  ['sta', ['ssh', 'start', 'status', 'stop']],
  ['v', ['version']],
  ['Start', ['restart', 'start']],
  ['strt', ['start', 'stop']],
])('unknownFleetCommand of %s suggests %j', (word, verbs) => {
  expect(suggested(word)).toEqual(verbs)
})

it('unknownFleetCommand says it as fleetctl did', () => {
  expect(unknownFleetCommand('nosuch').message).toBe(
    'Error: unknown command "nosuch" for "fleetctl"\nRun \'fleetctl --help\' for usage.\ncannot execute cmdFleet: unknown command "nosuch" for "fleetctl"',
  )
})

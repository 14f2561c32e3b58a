import { expect, it } from 'vitest'
import { flota, flotaOk } from './flota.ts'

/** arguments, exit code, what standard error must say */
const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['strat', 'hello'], 2, /strat/],
  [['list-units', '--nonsense'], 2, /nonsense/],
  [['list-units', '--fields', 'unit,colour'], 1, /Invalid key in output format: "colour"/],
  [['submit'], 1, /No units given/],
  [['submit', '/nowhere/none.service'], 1, /unable to find unit\(none\.service\)/i],
  [['load', 'nothing.service'], 1, /unable to find unit\(nothing\.service\)/i],
  [['start', 'bad name.service'], 1, /invalid character/],
  [['stop', 'nothing.service'], 1, /Units not found/],
  [['unload', 'nothing.service'], 1, /Units not found/],
  [['destroy', 'nothing.service'], 1, /Units not found/],
  [['cat', 'nothing.service'], 1, /Unit nothing\.service not found/],
  [['cat'], 1, /One unit file must be provided/],
  [['status', 'nothing.service'], 1, /does not exist/],
  [['journal', 'nothing.service'], 1, /does not exist/],
  [['why', 'nothing.service'], 1, /nothing\.service/],
  [['ssh', 'ffffffff', 'true'], 1, /could not find matching unit or machine/],
  [['ssh'], 1, /one machine or unit must be provided/],
  [['fd-forward', '/nowhere.sock'], 1, /nowhere\.sock/],
  [['proxy', '--listen', '0.0.0.0:1'], 1, /loopback/],
  [['route', 'set', 'x', '--units', 'a*', '--port', '99999', '--scheme', 'https'], 1, /port/i],
  [['route', 'set', 'x', '--units', 'a*', '--port', '80', '--scheme', 'gopher'], 1, /scheme|gopher/i],
  [['route', 'rm', 'nothing'], 1, /nothing/],
  [['--endpoint', 'unix:///nowhere.sock', 'list-units'], 1, /nowhere\.sock/],
  [['up', '--name', 'Not/A/Name'], 1, /name/i],
  [['up', '--range', '10.0.0.0/33'], 1, /range/i],
  [['cloud-config', 'validate', '/nowhere'], 1, /nowhere/],
  [['discovery', 'serve', '--listen', 'nonsense', '--data-dir', '/tmp/none'], 1, /listen/i],
]

const everything = async () =>
  Promise.all([flotaOk(['list-unit-files']), flotaOk(['list-machines']), flotaOk(['routes'])])

it('wrong input to every verb says what and why, ends with its documented code, and changes nothing', async () => {
  const before = await everything()
  for (const [args, code, words] of rows) {
    const outcome = await flota(args)
    expect({ args, code: outcome.code }, outcome.stderr).toEqual({ args, code })
    expect(outcome.stderr).toMatch(words)
    expect(outcome.stderr, 'no stack trace for users').not.toMatch(/\n\s+at /)
  }
  expect(await everything()).toEqual(before)
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ignoredOptions, options } from './options.ts'

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8').split('\n')

it.each(Object.entries(options))(
  'docs/configuration.md tells option %s as the table of options does',
  (name, option) => {
    expect(page).toContain(`| \`${name}\` | ${option.fallbackText} | ${option.meaning} |`)
  },
)

it.each(Object.entries(ignoredOptions))('docs/configuration.md tells why %s has no effect', (name, reason) => {
  expect(page).toContain(`| \`${name}\` | ${reason} |`)
})

it('docs/configuration.md tells of no option that is not there', () => {
  const told = page.flatMap((line) => /^\| `([a-z_]+)`/.exec(line)?.[1] ?? [])
  expect(told.toSorted()).toEqual([...Object.keys(options), ...Object.keys(ignoredOptions)].toSorted())
})

import { expect, it } from 'vitest'
import { cleanPath } from './clean-path.ts'

it.each([
  ['/', '/'],
  ['/fleet/v1/units', '/fleet/v1/units'],
  ['/fleet/v1/units/', '/fleet/v1/units/'],
  ['//fleet/v1/units', '/fleet/v1/units'],
  ['/fleet/v1//units/', '/fleet/v1/units/'],
  ['/fleet/v1/./units', '/fleet/v1/units'],
  ['/fleet/v1/units/..', '/fleet/v1'],
  ['/fleet/v1/units/../', '/fleet/v1/'],
  ['/fleet/v1/units/%2e%2e', '/fleet/v1'],
  ['/../..', '/'],
  ['/fleet/v1/units/a..service', '/fleet/v1/units/a..service'],
  ['/fleet/v1/units/.service', '/fleet/v1/units/.service'],
  ['/fleet/v1/units/a%2Fb.service', '/fleet/v1/units/a%2Fb.service'],
  ['/a%', '/a%'],
])('cleanPath of %s is %s', (path, clean) => {
  expect(cleanPath(path)).toBe(clean)
})

import { expect, it } from 'vitest'
import { parseMetadata } from './metadata.ts'

const rows = [
  { title: 'nothing', text: '', metadata: {} },
  { title: 'one pair', text: 'disk=ssd', metadata: { disk: 'ssd' } },
  { title: 'blanks', text: ' disk = ssd , region=ams3 ', metadata: { disk: 'ssd', region: 'ams3' } },
  { title: 'a key twice', text: 'disk=hdd,disk=ssd', metadata: { disk: 'ssd' } },
  { title: 'a value with =', text: 'options=a=b', metadata: { options: 'a=b' } },
  { title: 'an empty value', text: 'disk=', metadata: { disk: '' } },
  { title: 'a comma at the end', text: 'disk=ssd,', metadata: { disk: 'ssd' } },
]

it.each(rows)('reads $title', ({ text, metadata }) => {
  expect(parseMetadata(text)).toEqual(metadata)
})

it('names the items that count for nothing', () => {
  const ignored: string[] = []
  expect(parseMetadata('ssd,=x,a=b', (item) => ignored.push(item))).toEqual({ a: 'b' })
  expect(ignored).toEqual(['ssd', '=x'])
})

import type { Rejection } from '../cluster/records.ts'
import { placeFilters } from './filters/all-filters.ts'

/** One sentence over all machines: "3 machines conflict; 1 lacks disk=ssd". The most common reason comes first. */
export function explain(rejections: readonly Rejection[]): string {
  if (rejections.length === 0) return 'there is no machine'
  const groups = new Map<string, { readonly one: string; readonly many: string; count: number }>()
  for (const { filter, reason } of rejections) {
    const summary = placeFilters.find(({ name }) => name === filter)?.explain(reason) ?? { one: reason, many: reason }
    const group = groups.get(summary.one)
    if (group === undefined) groups.set(summary.one, { ...summary, count: 1 })
    else group.count++
  }
  const sorted = [...groups.values()].toSorted((a, b) => b.count - a.count || (a.one < b.one ? -1 : 1))
  return sorted
    .map(({ one, many, count }, index) => `${count}${noun(index, count)} ${count === 1 ? one : many}`)
    .join('; ')
}

function noun(index: number, count: number): string {
  if (index > 0) return ''
  return count === 1 ? ' machine' : ' machines'
}

/** Every value of a query parameter, in order; fastify gives one as a text and several as a list. */
export function queryValues(query: unknown, name: string): readonly string[] {
  if (typeof query !== 'object' || query === null) return []
  const value: unknown = Object.entries(query).find(([key]) => key === name)?.[1]
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

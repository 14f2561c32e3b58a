/** The text of /etc/environment with these variables: lines of theirs are replaced where they stand, new ones follow, sorted. */
export function mergeEnvironmentFile(text: string, variables: ReadonlyMap<string, string>): string {
  const left = new Map(variables)
  const lines = text.split('\n').map((line) => {
    const key = /^(\w+)=/.exec(line)?.[1]
    const value = key === undefined ? undefined : variables.get(key)
    if (key === undefined || value === undefined) return line
    left.delete(key)
    return `${key}=${value}`
  })
  if (lines.at(-1) === '') lines.pop()
  const added = [...left].map(([key, value]) => `${key}=${value}`).toSorted()
  const all = [...lines, ...added]
  return all.length === 0 ? '' : `${all.join('\n')}\n`
}

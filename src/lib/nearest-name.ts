/** The candidate with the smallest edit distance: what a misspelt word most likely meant. */
export function nearestName(word: string, candidates: readonly string[]): string {
  const ranked = candidates.toSorted((a, b) => editDistance(word, a) - editDistance(word, b) || (a < b ? -1 : 1))
  return ranked[0] ?? word
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

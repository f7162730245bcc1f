/**
 * The candidates closest to a misspelt word, best first: for "did you mean". Few changes away (a third of the word, two for
 * short words), or beginning alike; of equals the higher version first.
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = word.toLowerCase()
  const allowed = Math.max(2, Math.floor(word.length / 3))
  const scored: { readonly candidate: string; readonly score: number }[] = []
  for (const candidate of new Set(candidates)) {
    const lower = candidate.toLowerCase()
    const alike = wanted !== '' && (lower.startsWith(wanted) || wanted.startsWith(lower))
    const distance = editDistance(wanted, lower, allowed + 1)
    if (distance <= allowed || alike) scored.push({ candidate, score: alike ? Math.min(distance, allowed) : distance })
  }
  return scored
    .sort((one, other) => one.score - other.score || byVersion(other.candidate, one.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate)
}

/** `Did you mean "a" or "b"?`, or `undefined` when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(word, candidates)
  return near.length === 0 ? undefined : `Did you mean ${near.map((name) => JSON.stringify(name)).join(' or ')}?`
}

function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; gives up at `limit`. */
function editDistance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) >= limit) return limit
  let before: readonly number[] = []
  let above = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + same,
          swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    before = above
    above = current
  }
  return Math.min(above[other.length] ?? 0, limit)
}

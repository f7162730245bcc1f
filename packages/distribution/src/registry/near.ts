/** Words that look like `word`, the nearest first: a few changes away, or with it as a part. */
export function nearest(word: string, candidates: Iterable<string>, most = 3): readonly string[] {
  const allowed = Math.max(2, Math.floor(word.length / 3))
  const scored: { readonly candidate: string; readonly score: number }[] = []
  for (const candidate of candidates) {
    const part = candidate.startsWith(word) || word.startsWith(candidate)
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), allowed + 1)
    if (distance <= allowed || part) scored.push({ candidate, score: part ? Math.min(distance, allowed) : distance })
  }
  return scored
    .sort((one, other) => one.score - other.score || compareVersions(other.candidate, one.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** Of two tags that are equally near, the higher version is the likelier. */
function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; gives up at `limit`. */
export function editDistance(one: string, other: string, limit = Infinity): number {
  if (Math.abs(one.length - other.length) >= limit) return limit
  let before: readonly number[] = []
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1]
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    before = previous
    previous = current
  }
  return Math.min(previous[other.length] ?? 0, limit)
}

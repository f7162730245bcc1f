import { artifactKinds, didYouMean } from '@ropeway/core'
import * as errors from '../errors.js'

interface Selectable {
  readonly id: string
  readonly kind: string
  readonly name: string
}

/**
 * The artifacts that `--only` keeps: each pattern is an id, a kind, or a glob (`*`, `?`) over ids and names.
 * No pattern keeps all. Throws `ONLY_MATCHES_NOTHING` for a pattern without a match.
 */
export function selectOnly<T extends Selectable>(artifacts: readonly T[], patterns: readonly string[]): T[] {
  if (patterns.length === 0) return [...artifacts]
  const kept = new Set<T>()
  for (const pattern of patterns) {
    const matching = artifacts.filter(matcher(pattern))
    if (matching.length === 0) {
      const names = artifacts.flatMap(({ id, name }) => [id, name])
      throw errors.onlyMatchesNothing(pattern, didYouMean(pattern, [...artifactKinds, ...names]))
    }
    matching.forEach((artifact) => kept.add(artifact))
  }
  return artifacts.filter((artifact) => kept.has(artifact))
}

/** Whether `--only` keeps it; unlike `selectOnly`, a pattern may match nothing. */
export function isWanted(artifact: Selectable, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matcher(pattern)(artifact))
}

function matcher(pattern: string): (artifact: Selectable) => boolean {
  if (artifactKinds.some((kind) => kind === pattern)) return ({ kind }) => kind === pattern
  return ({ id, name }) => id === pattern || name === pattern || matchesGlob(pattern, id) || matchesGlob(pattern, name)
}

/** `*` is any run of characters, `?` is one. Without a regular expression, whose backtracking some patterns would never end. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < text.length;) {
    if (glob[at] === '*') {
      star = at++
      resume = index
    } else if (glob[at] === '?' || (at < glob.length && glob[at] === text[index])) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}

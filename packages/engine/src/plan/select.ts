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

function matcher(pattern: string): (artifact: Selectable) => boolean {
  if (artifactKinds.some((kind) => kind === pattern)) return ({ kind }) => kind === pattern
  const glob = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
  return ({ id, name }) => id === pattern || name === pattern || glob.test(id) || glob.test(name)
}

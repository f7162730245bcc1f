import { nearest } from '@ropeway/core'
import { addonFilterUnmatched } from '../errors.js'
import type { Addon } from './addon.js'

/** Which addons of a list are wanted. Names are compared whole, and without case; each may hold several, with commas between. */
export interface AddonFilters {
  readonly only?: readonly string[] | undefined
  /** Wins over `only`. */
  readonly exclude?: readonly string[] | undefined
}

/** What filters name: the chart in values files, the release in catalogs. */
export type FilterBy = 'chart' | 'release'

/** The addons that filters keep. Throws `ADDON_FILTER_UNMATCHED` with near names, also when nothing is left. */
export function selectAddons(addons: readonly Addon[], { only, exclude }: AddonFilters, by: FilterBy): Addon[] {
  const wanted = wordsOf(only)
  const refused = wordsOf(exclude)
  const known = addons.flatMap((addon) => namesOf(addon, by))
  for (const [filter, words] of [
    ['only', wanted],
    ['exclude', refused],
  ] as const) {
    const missing = words.find((word) => !known.some((name) => same(name, word)))
    if (missing !== undefined) throw addonFilterUnmatched(filter, missing, by, nearest(missing, known), sorted(known))
  }
  const named = (addon: Addon, words: readonly string[]) =>
    namesOf(addon, by).some((name) => words.some((word) => same(name, word)))
  const kept = addons.filter((addon) => (wanted.length === 0 || named(addon, wanted)) && !named(addon, refused))
  if (kept.length === 0) throw addonFilterUnmatched('exclude', refused.join(','), by, [], [])
  return kept
}

/** A chart with a path is known by its path too. */
function namesOf({ chart, namespace, release }: Addon, by: FilterBy): string[] {
  if (by === 'release') return [release]
  return namespace === undefined ? [chart] : [chart, `${namespace}/${chart}`]
}

function wordsOf(given: readonly string[] = []): string[] {
  return given
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
